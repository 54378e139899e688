import type { EngineClient } from '../engine';
import { nestedName, type NestedTarget } from '../../core/model/address';
import { printable } from '../command/words';
import { TransportError, type Transport } from '../transport';

/** A process, and when it began (field 22 of /proc/PID/stat). */
export interface FoundProcess {
  readonly pid: number;
  readonly startTime: string;
}

const limitMs = 10_000;
const severalStatus = 4;

/**
 * Finds the process whose namespaces are those of a container ($1 = container, $2 = its full id) or of the engine of a control group
 * ($1 = cgroup, $2 = its path). Of a container it is the oldest process in other namespaces than this shell's, which its monitor is not (conmon).
 * Of a control group, which may be a login session's too, it is an engine, else what is in other process ids; from there it goes up to the oldest
 * parent in the same namespaces, which outlives the engine. Prints "PID START"; ends with 4 where engines in several sets of namespaces are in the group.
 */
const find = [
  'kind=$1 want=$2',
  'spaces() { readlink "/proc/$1/ns/mnt" "/proc/$1/ns/pid" "/proc/$1/ns/net" 2>/dev/null; }',
  'field() { read -r l <"/proc/$1/stat" || return; n=$2; set -f; set -- ${l##*) }; set +f; shift "$n"; echo "$1"; }',
  'fits() {',
  'while IFS= read -r l; do',
  'l=${l#*:} l=${l#*:}',
  'case $kind in',
  'cgroup) [ "$l" = "$want" ] && return 0 ;;',
  '*) case $l in *conmon-"$want"*) ;; */"$want" | */"$want"/* | *[-:]"$want" | *[-:]"$want"/* | *[-:]"$want".scope | *[-:]"$want".scope/*) return 0 ;; esac ;;',
  'esac',
  'done <"/proc/$1/cgroup"',
  'return 1',
  '}',
  'here=$(spaces self)',
  'own=$(readlink /proc/self/ns/pid)',
  'first= began= engines= which= several=',
  'for f in $(grep -lsF -e "$want" /proc/[0-9]*/cgroup); do',
  'p=${f#/proc/} p=${p%/cgroup}',
  'fits "$p" 2>/dev/null || continue',
  'of=$(spaces "$p")',
  'if [ -z "$of" ] || [ "$of" = "$here" ]; then continue; fi',
  'rank=',
  'if [ "$kind" = cgroup ]; then',
  'read -r comm 2>/dev/null <"/proc/$p/comm"',
  'case $comm in dockerd | podman | crio | containerd) rank=1 ;; *) if [ "$(readlink "/proc/$p/ns/pid")" = "$own" ]; then continue; fi ;; esac',
  'fi',
  'if [ -n "$rank" ]; then if [ -n "$which" ] && [ "$which" != "$of" ]; then several=1; fi; which=$of; fi',
  'if [ -z "$rank" ] && [ -n "$engines" ]; then continue; fi',
  's=$(field "$p" 19 2>/dev/null)',
  'case $s in "" | *[!0-9]*) continue ;; esac',
  'if [ -z "$first" ] || [ "$s" -lt "$began" ] || [ "$rank" != "$engines" ]; then first=$p began=$s engines=$rank; fi',
  'done',
  `if [ -n "$several" ]; then exit ${String(severalStatus)}; fi`,
  'if [ -z "$first" ]; then exit 0; fi',
  'of=$(spaces "$first")',
  'while :; do',
  'up=$(field "$first" 1 2>/dev/null)',
  'case $up in "" | 0 | *[!0-9]*) break ;; esac',
  'if [ "$(spaces "$up")" != "$of" ]; then break; fi',
  'first=$up',
  'done',
  'echo "$first $(field "$first" 19)"',
].join('\n');

/** @throws TransportError where nothing of it runs, or it cannot be told which of several is meant. */
export async function findProcess(target: NestedTarget, parent: Transport, signal: AbortSignal | undefined): Promise<FoundProcess> {
  if (target.kind === 'process') return { pid: target.pid, startTime: target.startTime };
  const where = printable(parent.id);
  const what = printable(nestedName(target));
  const word = target.kind === 'cgroup' ? target.path : await containerIdOf(target.name, parent, what, signal);
  const { stdout, stderr, code } = await parent.run({ argv: ['sh', '-c', find, 'sh', target.kind, word], privilege: 'root' }, { limitMs, ...(signal && { signal }) });
  if (code === severalStatus) {
    throw new TransportError('failed', `Several engines run in the control group ${printable(word)} on ${where}, so it cannot be told which is meant. Add the nested host by its process, as the scan names it.`);
  }
  const [, pid, startTime] = /^(\d{1,10}) (\d{1,20})\n$/.exec(stdout) ?? [];
  if (pid === undefined || startTime === undefined) {
    if (code !== 0) throw new TransportError('failed', `The processes on ${where} could not be looked at: ${printable(stderr).slice(0, 200)}.`);
    const group = target.kind === 'cgroup' ? `Nothing runs in the control group ${printable(word)} on ${where} in namespaces of its own` : `The ${what} does not run on ${where}`;
    throw new TransportError('vanished', `${group}, so the nested host is not there. Start it, and read the host again.`);
  }
  return { pid: Number(pid), startTime };
}

/** A full id needs no engine: it is in the control groups of the container's processes, whatever engine made it. */
async function containerIdOf(name: string, parent: Transport, what: string, signal: AbortSignal | undefined): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(name)) return name;
  const engine: EngineClient = (await import('../engineClient')).openEngine(parent);
  try {
    const record = await engine.inspect('container', name, signal);
    const id = typeof record === 'object' && record !== null && 'Id' in record ? record.Id : undefined;
    if (typeof id === 'string' && /^[0-9a-f]{64}$/.test(id)) return id;
    throw new TransportError('garbled', `The engine on ${printable(parent.id)} gave no id for the ${what}. Look at "docker inspect" there.`);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'EngineError') throw error;
    const { code } = error as Error & { code: TransportError['code'] };
    const message = code === 'vanished' ? `There is no ${what} on ${printable(parent.id)}. Start it there, or remove the nested host.` : error.message;
    throw new TransportError(code, message, { cause: error });
  } finally {
    engine.dispose();
  }
}

/** For a sentence: who is entered. */
export function targetWords(target: NestedTarget): string {
  return target.kind === 'cgroup' ? `the control group ${printable(target.path)}` : `the ${printable(nestedName(target))}`.replace('the process', 'process');
}
