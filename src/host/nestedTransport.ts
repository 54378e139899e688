import type { Duplex } from 'node:stream';
import type { Command, CommandOutput } from '../core/command/command';
import { formatHostAddress, type HostAddress } from '../core/model/address';
import type { Snapshot } from '../core/model/snapshot';
import { commandTitle, printable } from './command/words';
import { findProcess, targetWords, type FoundProcess } from './nested/findProcess';
import { relayCommand } from './tcp';
import { TransportError, type RunOptions, type StreamTarget, type TerminalSession, type TerminalSize, type Transport } from './transport';

export type NestedAddress = Extract<HostAddress, { kind: 'nested' }>;

const limitMs = 10_000;
/** As of timeout(1) and env(1): the wrapper itself could not do it. */
const goneStatus = 125;

/**
 * Enters the namespaces of process $1 if it began $2 clock ticks after the boot (proc_pid_stat(5), field 22), and becomes $3….
 * Of several threads' network namespaces it is the one that most of them are in: an engine moves single ones into its sandboxes, and one that it could not bring
 * back, maybe the first, which the process's own is of, stays there.
 * The kernel gives a pid again to another process; the time when it began tells them apart. What comes before the last `) ` of
 * the line is the process's name, which may hold anything.
 */
const enter = [
  'p=$1 s=$2 m=$3; shift 3',
  'began() { read -r l <"/proc/$p/stat" || return; set -f; set -- ${l##*) }; set +f; echo "${20}"; }',
  `if [ "$(began 2>/dev/null)" != "$s" ]; then echo "$m" >&2; exit ${String(goneStatus)}; fi`,
  'w=-n t=$(echo "/proc/$p/task/"*)',
  'case $t in',
  '*" "*)',
  'n=$(stat -L -c %i "/proc/$p/task/"*/ns/net 2>/dev/null | sort | uniq -c | sort -rn | head -n 1)',
  'for t in "/proc/$p/task/"*/ns/net; do if [ "$(readlink "$t")" = "net:[${n##* }]" ]; then w=--net=$t; break; fi; done',
  ';;',
  'esac',
  'exec nsenter -t "$p" -m "$w" -p -i -u -- "$@"',
].join('\n');

/** A host inside another one: the namespaces (mount, network, pid, IPC, UTS) of a process, container or control group of the parent. Owns the parent's transport. */
export function createNestedTransport(address: NestedAddress, parent: Transport): Transport {
  return new NestedTransport(address, parent);
}

/**
 * Gives the command a process group of its own on the terminal. nsenter's group is outside the pid namespace, where tcgetpgrp(3)
 * gives 0; dash cannot give the terminal back to that, and would end with 2. So the shell in the middle does, unheard, and says the command's status on 3.
 */
const onTerminal = [
  'exec 4>&1',
  `s=$(sh -c 'set -m; "$@" 3>&- 4>&-; echo $? >&3; exec 2>/dev/null' sh "$@" 3>&1 >&4)`,
  'exit "${s:-1}"',
].join('\n');

class NestedTransport implements Transport {
  readonly id: string;
  readonly live = true;
  readonly #gone: string;
  #finding: Promise<FoundProcess> | undefined;
  #disposed = false;

  constructor(
    readonly address: NestedAddress,
    private readonly parent: Transport,
  ) {
    this.id = formatHostAddress(address);
    const { target } = address;
    const what = target.kind === 'process' ? `Process ${String(target.pid)} on ${printable(parent.id)}` : `What ran in ${targetWords(target)} on ${printable(parent.id)}`;
    this.#gone = `${what}, by which the nested host was entered, has ended. ${target.kind === 'process' ? 'Add the nested host again.' : 'Start it, and read the host again.'}`;
  }

  /** Whoever may enter is root in there. */
  get privilege(): Transport['privilege'] {
    return this.parent.privilege === 'user' ? 'user' : 'root';
  }

  get way(): string {
    return `The namespaces of ${targetWords(this.address.target)} on ${printable(this.parent.id)} are entered.`;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    await this.#inside(['true'], signal);
  }

  async run(command: Command, options: RunOptions): Promise<CommandOutput> {
    await this.#mayEnter(command, options.signal);
    const process = await this.#find(options.signal);
    const output = await this.parent.run(this.#wrap(command, process), options);
    if (!this.#hasGone(output)) return output;
    // A container that was started again is another process: nothing has run yet.
    const next = this.address.target.kind === 'process' ? process : await this.#find(options.signal, process);
    if (next.pid === process.pid && next.startTime === process.startTime) throw new TransportError('vanished', this.#gone);
    const again = await this.parent.run(this.#wrap(command, next), options);
    if (this.#hasGone(again)) throw new TransportError('vanished', this.#gone);
    return again;
  }

  async openStream(target: StreamTarget, signal?: AbortSignal): Promise<Duplex> {
    // Its network namespace is another one than that from which the parent connects.
    if (target.kind === 'tcp') return this.openStream({ kind: 'command', command: relayCommand(target.host, target.port) }, signal);
    if (target.kind === 'command') {
      // A stream has no exit status to tell by that the process is gone, or the program.
      const { stdout } = await this.#inside(['sh', '-c', 'command -v -- "$1" || :', 'sh', target.command.argv[0]], signal);
      if (stdout === '') throw new TransportError('tool-missing', `${printable(target.command.argv[0])} is not installed on ${printable(this.id)}.`);
      return this.parent.openStream({ kind: 'command', command: this.#wrap(target.command, await this.#find(signal)) }, signal);
    }
    // A symbolic link that begins with / would leave /proc/PID/root for the parent's own files (and /var/run is one): resolved inside.
    const { stdout, code } = await this.#inside(['sh', '-c', 'readlink -f -- "$1" && [ -e "$1" ]', 'sh', target.path], signal);
    if (code !== 0) throw new TransportError('vanished', `There is no socket ${printable(target.path)} on ${printable(this.id)}.`);
    const { pid } = await this.#find(signal);
    return this.parent.openStream({ kind: 'unixSocket', path: `/proc/${String(pid)}/root${stdout.replace(/\n$/, '')}` }, signal);
  }

  async openTerminal(command: Command, size: TerminalSize, signal?: AbortSignal): Promise<TerminalSession> {
    await this.#inside(['true'], signal);
    return this.parent.openTerminal(this.#wrap({ ...command, argv: ['sh', '-c', onTerminal, 'sh', ...command.argv] }, await this.#find(signal)), size, signal);
  }

  recorded(): Promise<Snapshot> {
    return Promise.reject(new TransportError('failed', 'A nested host is read live; there is no recording of it here.'));
  }

  onDidClose(listener: (error: TransportError) => void): () => void {
    return this.parent.onDidClose(listener);
  }

  dispose(): void {
    this.#disposed = true;
    this.parent.dispose();
  }

  async #inside(argv: Command['argv'], signal: AbortSignal | undefined): Promise<CommandOutput> {
    return this.run({ argv, privilege: 'root' }, { limitMs, ...(signal && { signal }) });
  }

  async #mayEnter(command: Command, signal: AbortSignal | undefined): Promise<void> {
    if (this.#disposed) throw new TransportError('cancelled', `The connection to ${printable(this.id)} was closed.`);
    await this.parent.connect(signal);
    if (this.parent.privilege !== 'user') return;
    throw new TransportError('no-permission', `${commandTitle(command.argv, printable(this.id))} needs root on ${printable(this.parent.id)}, for its namespaces must be entered. Allow sudo for your user there.`);
  }

  /** Shared by all callers, and kept while it holds. @param stale what was found before, and has ended. */
  async #find(signal: AbortSignal | undefined, stale?: FoundProcess): Promise<FoundProcess> {
    const known = await this.#finding?.catch(() => undefined);
    if (known !== undefined && (known.pid !== stale?.pid || known.startTime !== stale.startTime)) return known;
    const finding = findProcess(this.address.target, this.parent, signal);
    this.#finding = finding;
    return finding;
  }

  #wrap(command: Command, { pid, startTime }: FoundProcess): Command {
    return { ...command, argv: ['sh', '-c', enter, 'sh', String(pid), startTime, this.#gone, ...command.argv], privilege: 'root' };
  }

  #hasGone(output: CommandOutput): boolean {
    return output.code === goneStatus && output.stderr === `${this.#gone}\n`;
  }
}
