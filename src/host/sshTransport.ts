import { Readable, type Duplex } from 'node:stream';
import type { ClientChannel, ExecOptions } from 'ssh2';
import type { Command, CommandOutput } from '../core/command/command';
import { pause, rejectOn } from './abort';
import { drive, type Running } from './command/drive';
import { elevate, endGroup, type Elevation } from './command/elevation';
import { ProcessStream } from './command/processStream';
import { newMark, printable, reportedPid } from './command/words';
import type { HostLog } from './hostLog';
import type { LoginSecrets } from './ssh/authenticate';
import { endOf, exec, SessionRefused, type StartedChannel } from './ssh/exec';
import { openLink, type SshLink } from './ssh/link';
import { answerLimitMs, notStarted, silentHost, type Attempt } from './ssh/silentHost';
import { throughLoginShell } from './ssh/loginShell';
import { endLimitMs, OneConnection, openLimitMs, retryMs, type HostConnection } from './oneConnection';
import { Sessions, type SessionUse } from './sessions';
import type { SshAddress } from './ssh/parseSettings';
import { SudoDialogue } from './ssh/sudoDialogue';
import { remoteTerminal } from './command/remoteTerminal';
import { forbidden, portTitle, unreachable } from './tcp';
import { TransportError, type Questions, type RunOptions, type StreamTarget, type TerminalSession, type TerminalSize, type Transport } from './transport';

export interface SshTransportOptions {
  readonly questions: Questions;
  readonly log?: HostLog;
  /** In place of ~/.ssh/config and the system's. */
  readonly sshConfigFile?: string;
  /** In place of UserKnownHostsFile; a key that is accepted is added to the first. */
  readonly knownHostsFiles?: readonly string[];
  /** A private key file to log in with, in place of those of the SSH configuration; absolute. It is not used for hosts on the way. */
  readonly identityFile?: string | undefined;
  /** The `ssh` program that is asked for settings; default: the one on PATH. */
  readonly sshClient?: string;
}

/** A host over SSH: one connection, made by node-ssh, for scans, streams and terminals alike. */
export function createSshTransport(address: SshAddress, options: SshTransportOptions): Transport {
  return new SshTransport(address, options);
}

interface Connection extends HostConnection {
  readonly link: SshLink;
}

class SshTransport extends OneConnection<Connection, SshAddress> {
  readonly #secrets = new Map<string, LoginSecrets>();

  constructor(
    address: SshAddress,
    private readonly options: SshTransportOptions,
  ) {
    super(address, address.host, options);
  }

  protected async login(signal: AbortSignal): Promise<Connection> {
    const link = await openLink(this.address, { ...this.options, log: this.log, secrets: this.#secrets, signal });
    const connection: Connection = {
      link,
      sessions: new Sessions(),
      elevation: { kind: 'user' },
      get gone() {
        return link.gone;
      },
      close: () => link.close(),
    };
    link.onLost((error) => this.lost(connection, error));
    return connection;
  }

  protected forgetSecrets(): void {
    this.#secrets.clear();
  }

  protected async runOn(connection: Connection, command: Command, options: RunOptions): Promise<CommandOutput> {
    const title = this.title(command);
    const mark = newMark();
    const elevated = this.elevate(connection, command, mark);
    const startedAt = Date.now();
    const limit = AbortSignal.timeout(options.limitMs);
    const waiting = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    const attempt: Attempt = { stage: 'waiting' };
    let opened: OpenSession;
    try {
      opened = await this.#openSession(connection, elevated.argv, {}, 'run', waiting, attempt, { mark, privilege: command.privilege });
    } catch (error) {
      if (options.signal?.aborted === true) throw new TransportError('cancelled', `${title} was cancelled.`, { cause: error });
      if (limit.aborted) throw await notStarted(connection.link, this.label, `${title} could not be started within ${String(options.limitMs / 1000)} s`, { ...attempt, full: this.allSessions(connection) }, error);
      throw error;
    }
    try {
      return await drive(this.#running(connection, opened, command.privilege), {
        ...options,
        leftMs: Math.max(0, options.limitMs - (Date.now() - startedAt)),
        title,
        input: elevated.preface + (command.stdin ?? ''),
        mark,
      });
    } catch (error) {
      if (!(error instanceof TransportError) || error.code !== 'time-limit' || (await connection.link.answers(answerLimitMs))) throw error;
      throw connection.link.gone ?? silentHost(connection.link, this.label, `${title} did not finish within ${String(options.limitMs / 1000)} s`, error);
    } finally {
      opened.release();
    }
  }

  async openStream(target: StreamTarget, signal?: AbortSignal): Promise<Duplex> {
    const connection = await this.connected(signal);
    if (target.kind === 'unixSocket') return this.#openSocket(connection, target.path);
    if (target.kind === 'tcp') return this.#openTcp(connection, target.host, target.port, signal);
    const mark = newMark();
    const elevated = this.elevate(connection, target.command, mark);
    const opened = await this.#openLong(connection, elevated.argv, {}, signal, this.title(target.command));
    void opened.ended.finally(opened.release).catch(() => undefined);
    const running = this.#running(connection, opened, target.command.privilege);
    return new ProcessStream({
      ...running,
      kill: (stderr) => running.kill(reportedPid(stderr, mark)),
      title: this.title(target.command),
      mark,
      preface: elevated.preface + (target.command.stdin ?? ''),
    });
  }

  async openTerminal(command: Command, size: TerminalSize, signal?: AbortSignal): Promise<TerminalSession> {
    const connection = await this.connected(signal);
    const { elevation } = connection;
    const asksForPassword = command.privilege === 'root' && elevation.kind === 'sudoPassword';
    const dialogue = asksForPassword
      ? new SudoDialogue(newMark(), elevation.password, `Password for sudo on ${this.address.host}: `, (data) => opened.channel.write(data))
      : undefined;
    const locale = process.env['LC_ALL'] ?? process.env['LC_CTYPE'] ?? process.env['LANG'] ?? 'C.UTF-8';
    const options = { pty: ptyOptions(size), env: { LANG: locale } };
    const opened = await this.#openLong(connection, terminalArgv(command, elevation, dialogue), options, signal, this.title(command));
    void opened.ended.finally(opened.release).catch(() => undefined);
    const { channel } = opened;
    const pty = {
      outputs: [channel, channel.stderr],
      write: (data: string) => void channel.write(data),
      resize: ({ columns, rows }: TerminalSize) => channel.setWindow(rows, columns, 0, 0),
      // The server hangs up the terminal, and with it what runs there.
      close: () => channel.close(),
    };
    return remoteTerminal(pty, opened.ended, dialogue);
  }

  #running(connection: Connection, { channel, ended }: StartedChannel, privilege: Command['privilege']): Running {
    return {
      stdin: channel,
      stdout: channel,
      stderr: channel.stderr,
      ended,
      kill: (pid) => void this.#kill(connection, channel, pid, privilege),
    };
  }

  /** Closing a channel ends nothing on the host: sshd goes on waiting for the process. So it is ended by its id, through another session. */
  async #kill(connection: Connection, channel: ClientChannel, pid: number | undefined, privilege: Command['privilege']): Promise<void> {
    try {
      if (pid === undefined) channel.signal('TERM');
      else {
        const mark = newMark();
        const elevated = elevate(endGroup(pid, privilege), connection.elevation, mark, true);
        const opened = await this.#openSession(connection, elevated.argv, {}, 'end', AbortSignal.timeout(endLimitMs), { stage: 'waiting' });
        try {
          await drive(this.#running(connection, opened, 'user'), { limitMs: endLimitMs, title: 'Ending a command', input: elevated.preface, mark });
        } finally {
          opened.release();
        }
      }
    } catch (error) {
      if (!connection.link.gone) this.log.warn(`A command on ${this.address.host} may still be running: ${printable(String(error))}`);
    } finally {
      channel.close();
    }
  }

  async #openLong(connection: Connection, argv: readonly string[], options: ExecOptions, signal: AbortSignal | undefined, title: string): Promise<OpenSession> {
    const limit = AbortSignal.timeout(openLimitMs);
    const attempt: Attempt = { stage: 'waiting' };
    try {
      return await this.#openSession(connection, argv, options, 'long', signal ? AbortSignal.any([signal, limit]) : limit, attempt);
    } catch (error) {
      if (signal?.aborted === true) throw new TransportError('cancelled', `${title} was cancelled.`, { cause: error });
      if (limit.aborted) throw await notStarted(connection.link, this.label, `${title} could not be started within ${String(openLimitMs / 1000)} s`, { ...attempt, full: this.allSessions(connection) }, error);
      throw error;
    }
  }

  /** Opens a session, in its turn. A server that allows fewer than usual refuses; then the next one that is given back is waited for. */
  async #openSession(connection: Connection, argv: readonly string[], options: ExecOptions, use: SessionUse, signal: AbortSignal, attempt: Attempt, wrapped?: Wrapped): Promise<OpenSession> {
    for (;;) {
      const release = await connection.sessions.acquire(use, signal);
      if (attempt.stage === 'waiting') attempt.stage = 'asked';
      const opening = exec(connection.link, throughLoginShell(argv), options);
      try {
        return { ...(await Promise.race([opening, rejectOn(signal)])), release };
      } catch (error) {
        if (signal.aborted) void this.#endLate(connection, opening, release, wrapped);
        else release();
        if (connection.link.gone) throw connection.link.gone;
        if (signal.aborted || !(error instanceof SessionRefused) || connection.sessions.open === 0) throw this.#sessionFault(error);
        attempt.stage = 'refused';
        await pause(retryMs, signal);
      }
    }
  }

  /** The caller has gone; what the server starts for it after all is ended at once. */
  async #endLate(connection: Connection, opening: Promise<StartedChannel>, release: () => void, wrapped: Wrapped | undefined): Promise<void> {
    try {
      const started = await opening;
      if (wrapped === undefined) started.channel.close();
      else await drive(this.#running(connection, started, wrapped.privilege), { limitMs: 0, title: 'A late command', input: '', mark: wrapped.mark });
    } catch {
      // It was not opened, or has been ended: what was wanted.
    } finally {
      release();
    }
  }

  #sessionFault(error: unknown): Error {
    if (error instanceof SessionRefused) return new TransportError('failed', `${this.address.host} lets you log in but run nothing: ${printable(error.message)}.`, { cause: error });
    return error instanceof Error ? error : new Error(String(error));
  }

  #openSocket(connection: Connection, path: string): Promise<Duplex> {
    const shown = `${printable(path)} on ${this.address.host}`;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(connection.link.gone ?? new TransportError('failed', `${shown} could not be opened over SSH: ${printable(error.message)}.`, { cause: error }));
      try {
        connection.link.client.openssh_forwardOutStreamLocal(path, (error, channel) => {
          if (error) {
            fail(error);
            return;
          }
          resolve(socketStream(connection, channel, shown));
        });
      } catch (error) {
        fail(error as Error);
      }
    });
  }

  #openTcp(connection: Connection, host: string, port: number, signal: AbortSignal | undefined): Promise<Duplex> {
    const title = portTitle(host, port, this.address.host);
    return new Promise((resolve, reject) => {
      const fail = (error: Error & { reason?: unknown }) => reject(connection.link.gone ?? (error.reason === prohibited ? forbidden(title, false, error) : unreachable(title, openFailure(error), error)));
      const abort = () => reject(new TransportError('cancelled', `Connecting to ${title} was cancelled.`));
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted === true) abort();
      try {
        connection.link.client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
          signal?.removeEventListener('abort', abort);
          if (error) fail(error);
          // Whoever wanted it has gone.
          else if (signal?.aborted === true) channel.close();
          else resolve(socketStream(connection, channel, title));
        });
      } catch (error) {
        fail(error as Error);
      }
    });
  }
}

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, RFC 4254, section 5.1. */
const prohibited = 1;

/** Without what ssh2 puts before the server's own words. */
function openFailure({ message }: Error): string {
  return message.replace(/^\(SSH\) Channel open failure: /, '');
}

function socketStream(connection: Connection, channel: ClientChannel, title: string): ProcessStream {
  const ended = endOf(connection.link, channel).then(() => 0);
  return new ProcessStream({ stdin: channel, stdout: channel, stderr: Readable.from([]), ended, kill: () => channel.close(), title, mark: undefined, preface: '', isSocket: true });
}

interface OpenSession extends StartedChannel {
  readonly release: () => void;
}

/** How the process of a session is found when it must be ended. */
interface Wrapped {
  readonly mark: string;
  readonly privilege: Command['privilege'];
}

/** What a server is told about the terminal (RFC 4254, 6.2). */
function ptyOptions({ columns, rows }: TerminalSize): { term: string; cols: number; rows: number } {
  return { term: 'xterm-256color', cols: columns, rows };
}

function terminalArgv(command: Command, elevation: Elevation, dialogue: SudoDialogue | undefined): readonly string[] {
  if (command.privilege === 'user' || elevation.kind === 'root') return command.argv;
  if (dialogue) return ['sudo', '-k', '-p', dialogue.prompt, '--', 'sh', '-c', 'printf %s "$0"; exec "$@"', dialogue.readyMark, ...command.argv];
  return ['sudo', '--', ...command.argv];
}
