import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { connect as connectSocket } from 'node:net';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../core/command/command';
import { formatHostAddress, type HostAddress } from '../core/model/address';
import type { Snapshot } from '../core/model/snapshot';
import { CloseSignal } from './closeSignal';
import { drive, type Running } from './command/drive';
import { elevate, endGroup, type Elevated, type Elevation } from './command/elevation';
import { negotiateElevation } from './command/negotiate';
import { ProcessStream } from './command/processStream';
import { commandTitle, newMark, printable, reportedPid } from './command/words';
import { SharedAttempt } from './sharedAttempt';
import { connectTcp, portTitle } from './tcp';
import { TransportError, type Questions, type RunOptions, type StreamTarget, type TerminalSession, type TerminalSize, type Transport } from './transport';

export interface LocalTransportOptions {
  readonly questions: Questions;
  readonly log?: { info(message: string): void };
}

const address: HostAddress = { kind: 'local' };
const label = 'this machine';
const killAfterMs = 1000;

/** The machine that this code runs on. Commands are processes of their own group, never a shell's. */
export function createLocalTransport(options: LocalTransportOptions): Transport {
  return new LocalTransport(options);
}

class LocalTransport implements Transport {
  readonly id = formatHostAddress(address);
  readonly address = address;
  readonly live = true;
  readonly #closed = new CloseSignal();
  readonly #running = new Set<() => void>();
  #attempt: SharedAttempt<void> | undefined;
  #connected = false;
  #elevation: Elevation = { kind: 'user' };
  #disposed = false;

  constructor(private readonly options: LocalTransportOptions) {}

  get privilege(): Transport['privilege'] {
    return this.#elevation.kind === 'sudoPassword' ? 'sudo' : this.#elevation.kind;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    if (this.#connected) return;
    if (this.#attempt === undefined || this.#attempt.abandoned) this.#attempt = this.#begin();
    await this.#attempt.join(signal, () => new TransportError('cancelled', `Looking at ${label} was cancelled.`));
  }

  #begin(): SharedAttempt<void> {
    const attempt: SharedAttempt<void> = new SharedAttempt(async (signal) => {
      try {
        await this.#negotiate(signal);
      } finally {
        // A failure leaves the way free for another attempt.
        if (this.#attempt === attempt) this.#attempt = undefined;
      }
    });
    return attempt;
  }

  async #negotiate(signal: AbortSignal): Promise<void> {
    const negotiated = await negotiateElevation({
      runAsUser: (command, bounds) => this.#run(command, { ...bounds, signal }),
      questions: this.options.questions,
      hostLabel: hostname(),
      password: undefined,
      mayAsk: true,
    });
    this.#elevation = negotiated.elevation;
    this.#connected = true;
    if (negotiated.reason !== undefined) this.options.log?.info(`No root on ${label}: ${negotiated.reason}.`);
  }

  async run(command: Command, options: RunOptions): Promise<CommandOutput> {
    await this.connect(options.signal);
    return this.#run(command, options);
  }

  async #run(command: Command, options: RunOptions): Promise<CommandOutput> {
    const title = commandTitle(command.argv, label);
    if (options.signal?.aborted === true) throw new TransportError('cancelled', `${title} was cancelled.`);
    const mark = newMark();
    const elevated = this.#elevate(command, mark);
    const started = this.#start(elevated, command);
    if (started === undefined) return { stdout: '', stderr: `${command.argv[0]}: not found\n`, code: 127 };
    return drive(
      { ...started, kill: (pid) => started.kill(pid) },
      { ...options, title, input: elevated.preface + (command.stdin ?? ''), mark: elevated.reportsPid ? mark : undefined },
    );
  }

  async openStream(target: StreamTarget, signal?: AbortSignal): Promise<Duplex> {
    await this.connect(signal);
    if (target.kind === 'unixSocket') return openSocket(target.path, signal);
    if (target.kind === 'tcp') return connectTcp(target.host, target.port, portTitle(target.host, target.port, label), signal);
    const mark = newMark();
    const elevated = this.#elevate(target.command, mark);
    const title = commandTitle(target.command.argv, label);
    const started = this.#start(elevated, target.command);
    if (started === undefined) throw new TransportError('tool-missing', `${printable(target.command.argv[0])} is not installed on ${label}.`);
    return new ProcessStream({
      ...started,
      kill: (stderr) => started.kill(reportedPid(stderr, mark)),
      title,
      mark: elevated.reportsPid ? mark : undefined,
      preface: elevated.preface + (target.command.stdin ?? ''),
    });
  }

  async openTerminal(command: Command, _size: TerminalSize, signal?: AbortSignal): Promise<TerminalSession> {
    await this.connect(signal);
    const alreadyRight = command.privilege === 'user' || this.#elevation.kind === 'root';
    // On a terminal sudo asks by itself, where it must.
    return { kind: 'spawn', argv: alreadyRight ? command.argv : ['sudo', '--', ...command.argv] };
  }

  recorded(): Promise<Snapshot> {
    return Promise.reject(new TransportError('failed', 'This machine is read live; there is no recording of it here.'));
  }

  onDidClose(listener: (error: TransportError) => void): () => void {
    return this.#closed.add(listener);
  }

  dispose(): void {
    this.#disposed = true;
    this.#closed.clear();
    for (const end of [...this.#running]) end();
    this.#elevation = { kind: 'user' };
  }

  #elevate(command: Command, mark: string): Elevated {
    if (this.#disposed) throw new TransportError('cancelled', 'The connection to this machine was closed.');
    if (command.privilege === 'root' && this.#elevation.kind === 'user') {
      throw new TransportError('no-permission', `${commandTitle(command.argv, label)} needs root. Allow sudo for your user, or run this as root.`);
    }
    return elevate(command, this.#elevation, mark, false);
  }

  /** Undefined where there is no such program. */
  #start(elevated: Elevated, command: Command): (Running & { kill(pid: number | undefined): void }) | undefined {
    const [file, ...rest] = elevated.argv;
    let child: ChildProcessWithoutNullStreams;
    try {
      // Detached: a process group of its own, which can be ended as a whole.
      child = spawn(file, rest, { detached: true, stdio: 'pipe', env: environment(), shell: false });
    } catch (error) {
      throw new TransportError('failed', `${commandTitle(command.argv, label)} could not be started: ${printable(String(error))}.`, { cause: error });
    }
    if (child.pid === undefined) {
      child.on('error', () => undefined);
      return undefined;
    }
    const pid = child.pid;
    const ownedByRoot = command.privilege === 'root' && this.#elevation.kind !== 'root';
    const kill = (inner: number | undefined) => {
      if (ownedByRoot) this.#endAsRoot(inner === undefined ? [pid] : [inner, pid]);
      else endOwnGroup(pid, child);
    };
    const stop = () => kill(undefined);
    this.#running.add(stop);
    const ended = new Promise<number | undefined>((resolve, reject) => {
      child.on('close', (code) => {
        this.#running.delete(stop);
        resolve(code ?? undefined);
      });
      child.on('error', (error) => {
        this.#running.delete(stop);
        reject(new TransportError('failed', `${commandTitle(command.argv, label)} failed: ${printable(error.message)}.`, { cause: error }));
      });
    });
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended, kill };
  }

  /** Root's processes are ended by root; sudo may have put the command into a group of its own (use_pty), so both groups are. */
  #endAsRoot(pids: readonly number[]): void {
    for (const pid of pids) {
      const command = endGroup(pid, 'root');
      const elevated = elevate(command, this.#elevation, newMark(), false);
      const [file, ...rest] = elevated.argv;
      const child = spawn(file, rest, { detached: true, stdio: ['pipe', 'ignore', 'ignore'], shell: false });
      child.on('error', () => undefined);
      child.stdin.on('error', () => undefined);
      child.stdin.end(elevated.preface);
    }
  }
}

function endOwnGroup(pid: number, child: ChildProcessWithoutNullStreams): void {
  signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), killAfterMs);
  child.on('close', () => {
    clearTimeout(timer);
    // Members of the group that let go of the pipes but stayed.
    signalGroup(pid, 'SIGKILL');
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: all of it is gone already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A user's PATH on many distributions leaves out where ip, bridge and nft are. */
function environment(): NodeJS.ProcessEnv {
  const path = process.env['PATH'] ?? '/usr/bin:/bin';
  return process.platform === 'win32' ? process.env : { ...process.env, PATH: `${path}:/usr/local/sbin:/usr/sbin:/sbin` };
}

function openSocket(path: string, signal: AbortSignal | undefined): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ path, ...(signal && { signal }) });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const shown = printable(path);
      const where = `${shown} on ${label}`;
      if (signal?.aborted === true) reject(new TransportError('cancelled', `Opening ${where} was cancelled.`));
      else if (error.code === 'ENOENT') reject(new TransportError('vanished', `There is no socket ${where}.`, { cause: error }));
      else if (error.code === 'EACCES') reject(new TransportError('no-permission', `You may not open ${where}.`, { cause: error }));
      else if (error.code === 'ECONNREFUSED') reject(new TransportError('failed', `Nothing listens on ${where}.`, { cause: error }));
      else reject(new TransportError('failed', `${where} could not be opened: ${printable(error.message)}.`, { cause: error }));
    });
    socket.once('connect', () => resolve(socket));
  });
}
