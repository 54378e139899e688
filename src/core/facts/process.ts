import type { ProcessFacts } from '../model/snapshot';
import { whole } from './record';

/**
 * Reads /proc/PID/stat and /proc/PID/cgroup of any number of processes, each line preceded by its file's path and a colon
 * (what `grep '' FILE FILE…` prints). Whatever a process calls itself, newlines included, stays behind its own path.
 */
export function readProcesses(text: string): ReadonlyMap<number, ProcessFacts> {
  const stats = new Map<number, string[]>();
  const cgroups = new Map<number, string[]>();
  for (const line of text.split('\n')) {
    const match = /^\/proc\/(\d{1,10})\/(stat|cgroup):(.*)$/s.exec(line);
    if (match?.[1] === undefined || match[3] === undefined) continue;
    const into = match[2] === 'stat' ? stats : cgroups;
    const pid = Number(match[1]);
    const lines = into.get(pid);
    if (lines) lines.push(match[3]);
    else into.set(pid, [match[3]]);
  }
  const processes = new Map<number, ProcessFacts>();
  for (const [pid, lines] of stats) {
    const process = readStat(pid, lines.join('\n'), (cgroups.get(pid) ?? []).join('\n'));
    if (process) processes.set(pid, process);
  }
  return processes;
}

/** proc_pid_stat(5): "pid (comm) state …"; comm may hold parentheses, so its end is the last one. */
function readStat(pid: number, stat: string, cgroup: string): ProcessFacts | undefined {
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  // Field 3 is the first after comm; start time is field 22.
  const fields = stat.slice(close + 2).split(' ');
  const startTicks = whole(Number(fields[19]));
  const parent = whole(Number(fields[1]));
  if (startTicks === undefined) return undefined;
  return { pid, comm: stat.slice(open + 1, close), startTicks, cgroup, ...(parent !== undefined && { parent }) };
}
