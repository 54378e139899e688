import type { Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../../core/command/command';
import type { HostAddress } from '../../core/model/address';
import { rejectOn } from '../abort';
import { drive, type Running } from '../command/drive';
import { elevate, endGroup } from '../command/elevation';
import { ProcessStream } from '../command/processStream';
import { remoteTerminal } from '../command/remoteTerminal';
import { newMark, printable, reportedPid } from '../command/words';
import type { HostLog } from '../hostLog';
import { endLimitMs, OneConnection, openLimitMs, type HostConnection } from '../oneConnection';
import { Sessions, type SessionUse } from '../sessions';
import { relayCommand } from '../tcp';
import { TransportError, type Questions, type RunOptions, type StreamTarget, type TerminalSession, type TerminalSize } from '../transport';
import { readContext, type ContextEndpoint } from './contextFiles';
import { dial, placeOf } from './dial';
import { startExec, type ContainerExec } from './exec';
import { startHelper, type Helper, type HelperOptions } from './helper';
import { ping, wayTo } from './ping';

type DockerAddress = Extract<HostAddress, { kind: 'docker' }>;

export interface HelperTransportOptions {
  readonly questions: Questions;
  readonly log?: HostLog;
  readonly dockerFolder?: string;
  readonly helper: HelperOptions;
}

interface Connection extends HostConnection {
  readonly endpoint: ContextEndpoint;
  readonly helper: Helper;
  /** The argv that runs another one with the machine's tools, or the image's. */
  readonly enter: (argv: readonly string[]) => readonly string[];
}

const environment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8'];
/**
 * The files of process 1 of the engine's machine, which the helper sees by --pid=host. Its network, IPC and host name are the helper's, too. By the machine's shell: a busybox
 * (FEATURE_PREFER_APPLETS) would run its own `ip`, were that named to its nsenter.
 */
const intoMachine = ['nsenter', '-t', '1', '-m', '--', '/bin/sh', '-c', 'exec "$@"', 'sh'] as const;

/** All processes of the session that $1 leads (proc_pid_stat(5), field 6): a terminal that is hung up. */
const endSession = [
  'sid=$1',
  'members() { for f in /proc/[0-9]*/stat; do { IFS= read -r l <"$f"; } 2>/dev/null || continue; set -f; set -- ${l##*) }; set +f; if [ "$4" = "$sid" ]; then f=${f#/proc/}; echo "${f%/stat}"; fi; done; }',
  'for s in HUP TERM KILL; do',
  'found=$(members)',
  'if [ -z "$found" ]; then exit 0; fi',
  'for p in $found; do kill -$s "$p" 2>/dev/null; done',
  'n=0',
  'while [ "$n" -lt 5 ] && [ -n "$(members)" ]; do sleep 0.1 2>/dev/null || sleep 1; n=$((n + 1)); done',
  'done',
].join('\n');

/** The machine behind an engine, by a helper container on it. Its owner has agreed to that. */
export class HelperTransport extends OneConnection<Connection, DockerAddress> {
  #way: string | undefined;

  constructor(
    address: DockerAddress,
    private readonly options: HelperTransportOptions,
  ) {
    super(address, address.context, options);
  }

  get way(): string | undefined {
    return this.#way;
  }

  protected forgetSecrets(): void {
    // Keys are read for each connection.
  }

  protected async login(signal: AbortSignal): Promise<Connection> {
    const endpoint = await readContext(this.address.context, this.options.dockerFolder);
    await ping(endpoint, signal);
    const helper = await startHelper(endpoint, this.options.helper, this.log, signal);
    let gone: TransportError | undefined;
    try {
      const tools = this.options.helper.tools ?? (await toolsOf(endpoint, helper, signal));
      const connection: Connection = {
        endpoint,
        helper,
        sessions: new Sessions(),
        elevation: { kind: 'user' },
        enter: (argv) => (tools === 'machine' ? [...intoMachine, ...argv] : argv),
        get gone() {
          return gone;
        },
        close: () => helper.close(),
      };
      void helper.lost.then((error) => {
        gone = error;
        this.lost(connection, error);
      });
      this.#way = wayOf(endpoint, this.options.helper.image, helper, tools);
      this.log.info(`${this.id}: ${this.#way}`);
      return connection;
    } catch (error) {
      helper.close();
      throw error;
    }
  }

  async openEngine(signal?: AbortSignal): Promise<Duplex> {
    const { endpoint } = await this.connected(signal);
    return dial(endpoint, signal);
  }

  protected async runOn(connection: Connection, command: Command, options: RunOptions): Promise<CommandOutput> {
    const title = this.title(command);
    const startedAt = Date.now();
    const limit = AbortSignal.timeout(options.limitMs);
    const waiting = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    const mark = newMark();
    const elevated = this.elevate(connection, command, mark);
    let opened: Opened;
    try {
      opened = await this.#open(connection, elevated.argv, 'run', waiting);
    } catch (error) {
      if (options.signal?.aborted === true) throw new TransportError('cancelled', `${title} was cancelled.`, { cause: error });
      if (limit.aborted) throw new TransportError('time-limit', `${title} could not be started within ${String(options.limitMs / 1000)} s: ${this.allSessions(connection)}`, { cause: error });
      throw connection.gone ?? error;
    }
    try {
      return await drive(this.#running(connection, opened.exec), { ...options, leftMs: Math.max(0, options.limitMs - (Date.now() - startedAt)), title, input: elevated.preface + (command.stdin ?? ''), mark });
    } finally {
      opened.release();
      opened.exec.release();
    }
  }

  async openStream(target: StreamTarget, signal?: AbortSignal): Promise<Duplex> {
    const connection = await this.connected(signal);
    const command = target.kind === 'command' ? target.command : target.kind === 'tcp' ? relayCommand(target.host, target.port) : await this.#socketCommand(connection, target.path, signal);
    const title = this.title(command);
    const mark = newMark();
    const elevated = this.elevate(connection, command, mark);
    const { exec, release } = await this.#open(connection, elevated.argv, 'long', signal);
    void exec.ended.finally(release).catch(() => undefined);
    const running = this.#running(connection, exec);
    return new ProcessStream({ ...running, kill: (stderr) => running.kill(reportedPid(stderr, mark)), title, mark, preface: elevated.preface + (command.stdin ?? '') });
  }

  async openTerminal(command: Command, { columns, rows }: TerminalSize, signal?: AbortSignal): Promise<TerminalSession> {
    const connection = await this.connected(signal);
    // Engines before API 1.42 give a terminal its size only once the command runs; so it is given from inside.
    const argv = ['sh', '-c', 'stty rows "$1" cols "$2" 2>/dev/null; shift 2; exec "$@"', 'sh', String(rows), String(columns), ...connection.enter(command.argv)];
    const release = await connection.sessions.acquire('long', signal);
    let exec: ContainerExec;
    try {
      exec = await startExec(connection.endpoint, connection.helper.id, argv, { tty: true, environment: [...environment, 'TERM=xterm-256color'], signal });
    } catch (error) {
      release();
      throw connection.gone ?? error;
    }
    void exec.ended.finally(release).catch(() => undefined);
    // What is typed after a change of the size is read after it.
    let resized = Promise.resolve();
    return remoteTerminal(
      {
        outputs: [exec.stdout],
        write: (data) => {
          resized = resized.then(() => void exec.stdin.write(data));
        },
        resize: (size) => {
          resized = resized.then(() => exec.resize(size)).catch(() => undefined);
        },
        // The engine keeps a terminal whose client has gone.
        close: () => void exec.pid().then((pid) => this.#end(connection, pid, ['sh', '-c', endSession, 'sh', String(pid)])).catch(() => undefined).finally(() => exec.release()),
      },
      exec.ended,
    );
  }

  #running(connection: Connection, exec: ContainerExec): Running {
    const { stdin, stdout, stderr, ended } = exec;
    return {
      stdin,
      stdout,
      stderr,
      ended: ended.catch((error: unknown) => Promise.reject(connection.gone ?? (error as Error))),
      kill: (pid) => void this.#end(connection, pid, pid === undefined ? undefined : endGroup(pid, 'root').argv).finally(() => exec.release()),
    };
  }

  /** The end of a stream ends nothing in the container, so what runs there is ended by its id, through another one. */
  async #end(connection: Connection, pid: number | undefined, argv: readonly string[] | undefined): Promise<void> {
    if (pid === undefined || argv === undefined) return;
    try {
      const elevated = elevate({ argv: argv as Command['argv'], privilege: 'user' }, connection.elevation, newMark(), false);
      const { exec, release } = await this.#open(connection, elevated.argv, 'end', AbortSignal.timeout(endLimitMs));
      exec.stdin.end();
      exec.stdout.resume();
      exec.stderr.resume();
      await exec.ended.finally(release);
    } catch (error) {
      if (!this.disposed && !connection.gone) this.log.warn(`A command on ${this.label} may still be running: ${printable(String(error))}`);
    }
  }

  async #open(connection: Connection, argv: readonly string[], use: SessionUse, signal: AbortSignal | undefined): Promise<Opened> {
    const waiting = signal ?? AbortSignal.timeout(openLimitMs);
    const release = await connection.sessions.acquire(use, waiting);
    const opening = startExec(connection.endpoint, connection.helper.id, connection.enter(argv), { tty: false, environment });
    try {
      const exec = await (signal ? Promise.race([opening, rejectOn(signal)]) : opening);
      return { exec, release };
    } catch (error) {
      if (signal?.aborted === true) this.#endLate(connection, opening, release);
      else release();
      throw error;
    }
  }

  /** The caller has gone; what the engine starts for it after all is ended at once. */
  #endLate(connection: Connection, opening: Promise<ContainerExec>, release: () => void): void {
    opening
      .then(async (exec) => {
        exec.stdout.resume();
        exec.stderr.resume();
        const pid = await exec.pid();
        await this.#end(connection, pid, pid === undefined ? undefined : endGroup(pid, 'root').argv);
        exec.release();
      })
      .catch(() => undefined)
      .finally(release);
  }

  /** An engine passes on no sockets of its machine; socat does. */
  async #socketCommand(connection: Connection, path: string, signal: AbortSignal | undefined): Promise<Command> {
    const shown = `${printable(path)} on ${this.label}`;
    const script = '[ -S "$1" ] || exit 2; command -v socat >/dev/null || exit 3';
    const { code } = await this.runOn(connection, { argv: ['sh', '-c', script, 'sh', path], privilege: 'root' }, { limitMs: openLimitMs, ...(signal && { signal }) });
    if (code === 2) throw new TransportError('vanished', `There is no socket ${shown}.`);
    if (code !== 0) throw new TransportError('tool-missing', `${shown} cannot be opened: socat, which would pass it on, is not there.`);
    return { argv: ['socat', '-', `UNIX-CONNECT:${path}`], privilege: 'root' };
  }
}

/** The machine's own tools know its kernel best; that of Docker Desktop has next to none. */
async function toolsOf(endpoint: ContextEndpoint, helper: Helper, signal: AbortSignal): Promise<'machine' | 'image'> {
  const exec = await startExec(endpoint, helper.id, [...intoMachine, 'sh', '-c', 'command -v ip && command -v nsenter'], { tty: false, environment, signal });
  exec.stdin.end();
  exec.stdout.resume();
  exec.stderr.resume();
  return (await exec.ended) === 0 ? 'machine' : 'image';
}

interface Opened {
  readonly exec: ContainerExec;
  readonly release: () => void;
}

function wayOf(endpoint: ContextEndpoint, image: string, { unprivileged }: Helper, tools: 'machine' | 'image'): string {
  const how = unprivileged === undefined ? 'privileged' : `with capabilities, because the engine refuses --privileged (${unprivileged})`;
  return `${wayTo(endpoint)} A helper container of the image ${printable(image)} runs on its machine, ${how}, and uses the ${tools === 'machine' ? "machine's own" : "image's"} tools. It is removed when the connection to ${placeOf(endpoint)} ends.`;
}
