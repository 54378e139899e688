import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLine, newMark, printable } from '../command/words';
import type { HostLog } from '../hostLog';
import { Clock } from '../ssh/clock';
import { throughLoginShell } from '../ssh/loginShell';
import type { SshSettings } from '../ssh/parseSettings';
import { TransportError, type Questions } from '../transport';
import { checkArgv, forwardArgv, masterArgv, type Argv, type OpensshTarget, type OpensshWay } from './argv';
import { openAskpass, type Askpass } from './askpass';
import { explainFailure } from './explain';
import { LoginDialogue } from './loginDialogue';

/** An authenticated connection of the system's client, which its other sessions share. */
export interface Master {
  readonly way: OpensshWay;
  /** Resolves with the reason once the connection is gone, however it went. */
  readonly lost: Promise<TransportError>;
  /** Whether the connection still stands; where it does not, `lost` resolves. */
  stands(): Promise<boolean>;
  /** The path of a socket here that stands for one of the host's; undefined where ssh refuses. Whether there is one is found out by whoever connects. */
  forward(remotePath: string): Promise<string | undefined>;
  close(): void;
}

export interface MasterContext {
  readonly settings: SshSettings;
  /** `user@alias`. */
  readonly label: string;
  readonly questions: Questions;
  readonly log: HostLog;
  /** Secrets by prompt that were right before. */
  readonly remembered: Map<string, string>;
  readonly signal: AbortSignal;
}

/** A UNIX socket's address has 104 bytes on macOS (108 on Linux), and ssh adds 17 characters while it makes one. */
const maxFolderBytes = 75;
const maxErrorCharacters = 16 * 1024;

/** Connects and logs in. @throws TransportError */
export async function openMaster(target: OpensshTarget, context: MasterContext): Promise<Master> {
  const { settings, label, signal } = context;
  const folder = await privateFolder();
  let clean: () => void = () => rmSync(folder, { recursive: true, force: true });
  try {
    const stop = new AbortController();
    const seconds = String(settings.connectTimeoutMs / 1000);
    const clock = new Clock(settings.connectTimeoutMs, () => {
      stop.abort(new TransportError('unreachable', `${label} did not let the system's ssh in within ${seconds} s. Check the address, and that the network and its firewall let SSH through.`));
    });
    const abort = (): void => stop.abort(new TransportError('cancelled', `Connecting to ${label} was cancelled.`));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const dialogue = new LoginDialogue(label, clock.stopFor(context.questions), context.remembered, (error) => stop.abort(error));
      const askpass = await openAskpass(folder, (asked) => dialogue.answer(asked));
      clean = cleaning(askpass, folder);
      const controlPath = join(folder, 'c');
      const started = start(target, settings, escapePercent(controlPath), askpass);
      clean = () => {
        started.end();
        askpass.close();
        rmSync(folder, { recursive: true, force: true });
      };
      await ready(started, stop.signal, (stderr) => explainFailure(stderr, label, settings));
      dialogue.accepted();
      return hold(target, folder, controlPath, started, label, clean);
    } finally {
      clock.stop();
      signal.removeEventListener('abort', abort);
    }
  } catch (error) {
    clean();
    throw error;
  }
}

function cleaning(askpass: Askpass, folder: string): () => void {
  return () => {
    askpass.close();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** mkdtemp(3) makes it for its owner alone. */
async function privateFolder(): Promise<string> {
  const base = Buffer.byteLength(tmpdir()) > maxFolderBytes - 'netns-123456'.length ? '/tmp' : tmpdir();
  return mkdtemp(join(base, 'netns-'));
}

/** ControlPath replaces tokens (ssh_config(5)). */
function escapePercent(path: string): string {
  return path.replaceAll('%', '%%');
}

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly mark: string;
  stderr(): string;
  readonly ended: Promise<void>;
  end(): void;
}

function start(target: OpensshTarget, settings: SshSettings, controlPath: string, askpass: Askpass): Started {
  const mark = newMark();
  // The session tells that the login is done, and ends with us, however we end: then standard input does.
  const line = throughLoginShell(['sh', '-c', 'echo "$0"; exec cat >/dev/null', mark]);
  const [file, ...rest] = masterArgv(target, settings, controlPath, line);
  // A session of its own has no terminal that ssh could ask on behind our back, and no Ctrl-C from it.
  const child = spawn(file, rest, { detached: true, stdio: 'pipe', env: { ...process.env, ...askpass.environment }, shell: false });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-maxErrorCharacters);
  });
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      stderr += error.message;
      resolve();
    });
  });
  const end = (): void => {
    child.stdin.destroy();
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      // ssh closes the connection and removes its socket; a ProxyCommand of its own is in the same group.
      process.kill(-child.pid, 'SIGTERM');
    } catch (error) {
      // ESRCH: it is gone already.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  return { child, mark, stderr: () => stderr, ended, end };
}

/** Resolves once the session speaks. */
function ready(started: Started, signal: AbortSignal, explain: (stderr: string) => TransportError): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const look = (data: Buffer): void => {
      said = (said + data.toString('latin1')).slice(-maxErrorCharacters);
      if (!said.includes(`${started.mark}\n`)) return;
      started.child.stdout.off('data', look);
      started.child.stdout.resume();
      resolve();
    };
    started.child.stdout.on('data', look);
    void started.ended.then(() => reject(signal.aborted ? (signal.reason as Error) : explain(started.stderr())));
    const fail = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', fail, { once: true });
    if (signal.aborted) fail();
  });
}

function hold(target: OpensshTarget, folder: string, controlPath: string, started: Started, label: string, clean: () => void): Master {
  const lost = started.ended.then(() => {
    const said = lastLine(started.stderr());
    const reason = /not responding/i.test(said) ? 'it no longer answers' : said === '' ? 'it was closed' : said.replace(/[.\s]+$/, '');
    clean();
    return new TransportError('unreachable', `Connection lost: ${printable(reason)} (${label}). The next command connects again.`);
  });
  const escaped = escapePercent(controlPath);
  let count = 0;
  const forwards = new Map<string, Promise<string | undefined>>();
  return {
    way: { kind: 'shared', target, controlPath: escaped },
    lost,
    stands: () => succeeds(checkArgv(target, escaped)),
    forward: (remotePath) => {
      let forward = forwards.get(remotePath);
      if (forward === undefined) {
        const localPath = join(folder, `s${String(count++)}`);
        forward = succeeds(forwardArgv(target, escaped, localPath, remotePath)).then((done) => {
          if (!done) forwards.delete(remotePath);
          return done ? localPath : undefined;
        });
        forwards.set(remotePath, forward);
      }
      return forward;
    },
    close: clean,
  };
}

function succeeds([file, ...rest]: Argv): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(file, rest, { stdio: 'ignore', shell: false });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
