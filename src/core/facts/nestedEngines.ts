import type { NestedEngine, ProcessFacts } from '../model/snapshot';

/** By the name of the engine's process (/proc/PID/comm). */
const engines: Readonly<Record<string, NestedEngine['engine']>> = { dockerd: 'docker', podman: 'podman', containerd: 'containerd', crio: 'cri-o' };
/** More than anybody runs inside one machine. */
const maxEngines = 256;

/**
 * Reads the probe's frame "nested": for each engine a line "engine PID COMM MNT PIDNS DEVICE:INODE" (inodes of its mount and process id
 * namespaces, key of its network namespace), and lines "name PID HOSTNAME" and "socket PID PATH".
 */
export function readNestedEngines(body: string, processes: ReadonlyMap<number, ProcessFacts>): readonly NestedEngine[] {
  const lines = body.split('\n');
  const of = (word: string, pid: string): string[] => lines.filter((line) => line.startsWith(`${word} ${pid} `)).map((line) => line.slice(word.length + pid.length + 2));
  return lines.slice(0, 4 * maxEngines).flatMap((line): NestedEngine[] => {
    const [, pid, comm = '', mount, pids, namespace] = /^engine (\d{1,10}) ([a-z]+) (\d{1,15}) (\d{1,15}) (\d{1,12}:\d{1,15})$/.exec(line) ?? [];
    const engine = Object.hasOwn(engines, comm) ? engines[comm] : undefined;
    const process = processes.get(Number(pid));
    if (engine === undefined || process === undefined || pid === undefined || namespace === undefined) return [];
    const [hostname = ''] = of('name', pid);
    return [{ engine, process, namespace, mountNamespace: Number(mount), pidNamespace: Number(pids), ...(hostname !== '' && { hostname }), sockets: of('socket', pid) }];
  }).slice(0, maxEngines);
}
