import { spawn } from 'node:child_process';
import { connect as connectSocket } from 'node:net';
import { Readable, type Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../core/command/command';
import { pause } from './abort';
import { drive, type Running } from './command/drive';
import { elevate, endGroup } from './command/elevation';
import { ProcessStream } from './command/processStream';
import { lastLine, newMark, printable, reportedPid } from './command/words';
import { sessionArgv, tcpArgv, type OpensshTarget, type OpensshWay } from './openssh/argv';
import { reportingStatus, withoutStatus } from './openssh/exitStatus';
import { openMaster, type Master } from './openssh/master';
import { endSession, startSession, type Connection as Standing, type OpensshSession } from './openssh/session';
import { SessionRefused } from './ssh/exec';
import { throughLoginShell } from './ssh/loginShell';
import { endLimitMs, OneConnection, openLimitMs, retryMs, type HostConnection } from './oneConnection';
import type { SshAddress } from './ssh/parseSettings';
import { Sessions } from './sessions';
import { readSshSettings } from './ssh/settings';
import type { SshTransportOptions } from './sshTransport';
import { forbidden, portTitle, unreachable } from './tcp';
import { TransportError, type RunOptions, type StreamTarget, type TerminalSession, type TerminalSize, type Transport } from './transport';

/** How often a session is refused that is the only one beside the connection's own, before that counts as the host's answer. */
const refusalsAlone = 4;
/** The client's end is noticed a moment after that of its sessions. */
const lostLimitMs = 2000;
const keptCharacters = 4096;

export interface OpensshTransportOptions extends SshTransportOptions {
  /** Why the system's client is used, as a sentence. */
  readonly reason?: string;
  /** One connection for all sessions; default: wherever the system's client can do it, which is not on Windows. */
  readonly shareConnection?: boolean;
}

/** A host over the system's `ssh`: what the built-in client cannot do. One login for scans, streams and terminals where connections can be shared. */
export function createOpensshTransport(address: SshAddress, options: OpensshTransportOptions): Transport {
  return new OpensshTransport(address, options);
}

interface Connection extends Standing, HostConnection {
  readonly way: OpensshWay;
  readonly running: Set<() => void>;
  /** As Master.forward. */
  forward(path: string): Promise<string | undefined>;
}

class OpensshTransport extends OneConnection<Connection, SshAddress> {
  readonly #remembered = new Map<string, string>();
  readonly #target: OpensshTarget;

  constructor(
    address: SshAddress,
    private readonly options: OpensshTransportOptions,
  ) {
    super(address, address.host, options);
    this.#target = {
      client: options.sshClient ?? 'ssh',
      address,
      identityFile: options.identityFile,
      ...(options.sshConfigFile !== undefined && { configFile: options.sshConfigFile }),
      ...(options.knownHostsFiles !== undefined && { knownHostsFiles: options.knownHostsFiles }),
    };
  }

  protected forgetSecrets(): void {
    this.#remembered.clear();
  }

  get way(): string {
    return this.options.reason ?? "The system's ssh is used.";
  }

  protected async login(signal: AbortSignal): Promise<Connection> {
    const settings = await readSshSettings(this.address, this.options);
    const sessions = new Sessions();
    const running = new Set<() => void>();
    const endAll = (): void => {
      for (const end of [...running]) end();
    };
    if (this.options.shareConnection === false || process.platform === 'win32') {
      const way = { kind: 'single', target: this.#target, settings } as const;
      return { way, sessions, running, elevation: { kind: 'user' }, gone: undefined, lostNow: () => Promise.resolve(undefined), forward: () => Promise.resolve(undefined), close: endAll };
    }
    const label = printable(`${settings.user}@${settings.alias}`);
    const master = await openMaster(this.#target, { settings, label, questions: this.options.questions, log: this.log, remembered: this.#remembered, signal });
    // The session that keeps the connection open counts among those that a host allows.
    await sessions.acquire('run', undefined);
    let gone: TransportError | undefined;
    const connection: Connection = {
      get gone() {
        return gone;
      },
      way: master.way,
      sessions,
      running,
      elevation: { kind: 'user' },
      lostNow: () => lostNow(master),
      forward: (path) => master.forward(path),
      close: () => {
        endAll();
        master.close();
      },
    };
    void master.lost.then((error) => {
      gone = error;
      this.lost(connection, error);
    });
    return connection;
  }

  protected async runOn(connection: Connection, command: Command, options: RunOptions): Promise<CommandOutput> {
    const title = this.title(command);
    const startedAt = Date.now();
    const limit = AbortSignal.timeout(options.limitMs);
    const waiting = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    let refusedAlone = 0;
    let refused = false;
    try {
      for (;;) {
        const release = await connection.sessions.acquire('run', waiting);
        try {
          return await this.#drive(connection, command, { ...options, title, leftMs: Math.max(0, options.limitMs - (Date.now() - startedAt)) });
        } catch (error) {
          if (!(error instanceof SessionRefused)) throw error;
          refused = true;
          // One is the connection's own, one this; a session that has just ended may still count on the host.
          if (connection.sessions.open <= 2 && ++refusedAlone === refusalsAlone) throw this.#sessionFault(error);
        } finally {
          release();
        }
        await pause(retryMs, waiting);
      }
    } catch (error) {
      if (error instanceof Error && error.name === 'TransportError') throw error;
      if (options.signal?.aborted === true) throw new TransportError('cancelled', `${title} was cancelled.`, { cause: error });
      if (limit.aborted) throw new TransportError('time-limit', `${title} could not be started within ${String(options.limitMs / 1000)} s: ${refused ? this.allSessions(connection) : this.busySessions(connection)}`, { cause: error });
      throw error;
    }
  }

  async #drive(connection: Connection, command: Command, options: RunOptions & { readonly title: string; readonly leftMs: number }): Promise<CommandOutput> {
    const mark = newMark();
    const elevated = this.elevate(connection, reportingStatus(command, mark), mark);
    const session = this.#start(connection, elevated.argv, { title: options.title, mark, reportsStatus: true });
    try {
      const output = await drive(this.#running(connection, session, command.privilege), { ...options, input: elevated.preface + (command.stdin ?? ''), mark });
      return { ...output, stderr: withoutStatus(output.stderr, mark) };
    } catch (error) {
      if (session.child.exitCode === null) endSession(session.child);
      throw error;
    }
  }

  async openStream(target: StreamTarget, signal?: AbortSignal): Promise<Duplex> {
    const connection = await this.connected(signal);
    if (target.kind === 'unixSocket') return this.#openSocket(connection, target.path, signal);
    if (target.kind === 'tcp') return this.#openTcp(connection, target.host, target.port);
    const title = this.title(target.command);
    const mark = newMark();
    const elevated = this.elevate(connection, target.command, mark);
    const release = await this.#acquireLong(connection, signal, title);
    const session = this.#start(connection, elevated.argv, { title, mark, reportsStatus: false });
    const running = this.#running(connection, session, target.command.privilege);
    void session.ended.catch(() => undefined).finally(release);
    return new ProcessStream({
      ...running,
      ended: session.ended.catch((error: unknown) => Promise.reject(this.#sessionFault(error))),
      kill: (stderr) => running.kill(reportedPid(stderr, mark)),
      title,
      mark,
      preface: elevated.preface + (target.command.stdin ?? ''),
    });
  }

  async openTerminal(command: Command, _size: TerminalSize, signal?: AbortSignal): Promise<TerminalSession> {
    const connection = await this.connected(signal);
    const alreadyRight = command.privilege === 'user' || connection.elevation.kind === 'root';
    // On a terminal sudo asks by itself, where it must.
    const line = throughLoginShell(alreadyRight ? command.argv : ['sudo', '--', ...command.argv]);
    return { kind: 'spawn', argv: sessionArgv(connection.way, line, 'terminal') };
  }

  #start(connection: Connection, argv: readonly string[], words: Parameters<typeof startSession>[2]): OpensshSession {
    const session = startSession(sessionArgv(connection.way, throughLoginShell(argv), 'command'), connection, words);
    const end = (): void => endSession(session.child);
    connection.running.add(end);
    session.child.once('close', () => connection.running.delete(end));
    return session;
  }

  #running(connection: Connection, { child, ended }: OpensshSession, privilege: Command['privilege']): Running {
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended, kill: (pid) => void this.#kill(connection, child, pid, privilege) };
  }

  /** The end of a session ends nothing on the host, so what runs there is ended by its id, through another session. */
  async #kill(connection: Connection, child: OpensshSession['child'], pid: number | undefined, privilege: Command['privilege']): Promise<void> {
    try {
      if (pid === undefined) return;
      const mark = newMark();
      const elevated = elevate(endGroup(pid, privilege), connection.elevation, mark, true);
      const release = await connection.sessions.acquire('end', AbortSignal.timeout(endLimitMs));
      try {
        const title = 'Ending a command';
        const session = this.#start(connection, elevated.argv, { title, mark, reportsStatus: false });
        await drive({ ...this.#running(connection, session, 'user'), kill: () => endSession(session.child) }, { limitMs: endLimitMs, title, input: elevated.preface, mark });
      } finally {
        release();
      }
    } catch (error) {
      if (!this.disposed && (await connection.lostNow()) === undefined) this.log.warn(`A command on ${this.address.host} may still be running: ${printable(String(error))}`);
    } finally {
      endSession(child);
    }
  }

  /** ssh takes a connection before it knows whether the host does, so that is looked at first. */
  async #openSocket(connection: Connection, path: string, signal: AbortSignal | undefined): Promise<Duplex> {
    const shown = `${printable(path)} on ${this.address.host}`;
    const script = '[ -S "$1" ] || exit 2; [ -r "$1" ] && [ -w "$1" ] || exit 3';
    const { code } = await this.runOn(connection, { argv: ['sh', '-c', script, 'sh', path], privilege: 'user' }, { limitMs: openLimitMs, ...(signal && { signal }) });
    if (code === 2) throw new TransportError('vanished', `There is no socket ${shown}.`);
    if (code !== 0) throw new TransportError('no-permission', `${shown} could not be opened over SSH: the user may not open it.`);
    const local = await connection.forward(path);
    const lost = local === undefined ? await connection.lostNow() : undefined;
    if (local === undefined) throw lost ?? new TransportError('failed', `${shown} could not be opened over SSH: the system's ssh passes on no UNIX sockets here.`);
    return connectLocal(local, shown, signal);
  }

  /** ssh says nothing when it has connected, so that a failure comes with the stream. */
  #openTcp(connection: Connection, host: string, port: number): Duplex {
    const title = portTitle(host, port, this.address.host);
    const [file, ...rest] = tcpArgv(connection.way, host, port);
    const child = spawn(file, rest, { detached: process.platform !== 'win32', stdio: 'pipe', shell: false, windowsHide: true });
    const end = (): void => endSession(child);
    connection.running.add(end);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-keptCharacters);
    });
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(unreachable(title, error.message, error)));
      child.once('close', (code) => {
        connection.running.delete(end);
        if (code === 0) resolve(0);
        else void connection.lostNow().then((lost) => reject(lost ?? (refusedForwarding.test(said) ? forbidden(title, !/prohibited/i.test(said)) : unreachable(title, connectFailure(said)))));
      });
    });
    return new ProcessStream({ stdin: child.stdin, stdout: child.stdout, stderr: Readable.from([]), ended, kill: end, title, mark: undefined, preface: '' });
  }

  async #acquireLong(connection: Connection, signal: AbortSignal | undefined, title: string): Promise<() => void> {
    const limit = AbortSignal.timeout(openLimitMs);
    try {
      return await connection.sessions.acquire('long', signal ? AbortSignal.any([signal, limit]) : limit);
    } catch (error) {
      if (signal?.aborted === true) throw new TransportError('cancelled', `${title} was cancelled.`, { cause: error });
      throw new TransportError('time-limit', `${title} could not be started: ${this.busySessions(connection)}`, { cause: error });
    }
  }

  #sessionFault(error: unknown): Error {
    if (error instanceof SessionRefused) return new TransportError('failed', `${this.address.host} lets you log in but opens no further session (${printable(error.message)}). Set MaxSessions in its sshd_config to 2 or more; the default is 10.`, { cause: error });
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The host's words over a connection of one's own; a shared one's (mux.c) leave open whether it was the host or the port that refused. */
const refusedForwarding = /administratively prohibited|refused by peer/i;

/** `channel 2: open failed: connect failed: Connection refused` is what the host said; `stdio forwarding failed` follows (clientloop.c, mux.c). */
function connectFailure(said: string): string {
  return /open failed: (?:connect failed: )?(.+)/.exec(said)?.[1] ?? (lastLine(said) || 'ssh ended without a word');
}

async function lostNow(master: Master): Promise<TransportError | undefined> {
  if (await master.stands()) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), lostLimitMs);
  });
  try {
    return await Promise.race([master.lost, late]);
  } finally {
    clearTimeout(timer);
  }
}

function connectLocal(path: string, shown: string, signal: AbortSignal | undefined): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ path, ...(signal && { signal }) });
    const fail = (error: Error): void => {
      if (signal?.aborted === true) reject(new TransportError('cancelled', `Opening ${shown} was cancelled.`, { cause: error }));
      else reject(new TransportError('failed', `${shown} could not be opened over SSH: ${printable(error.message)}.`, { cause: error }));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
