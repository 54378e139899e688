import { containerIdOf } from '../facts/cgroup';
import type { HostId } from '../model/address';
import { containerId } from '../model/ids';
import type { Topology } from '../model/topology';
import { padEnd, width } from './columns';
import { printable } from './printable';

type Containers = Pick<Topology, 'container' | 'host'>;

/** Lines of `PID<TAB>control group paths`, as the dump of listening sockets prints them → container names by pid. */
export function containersOfCgroups(text: string, topology: Containers, hostId: HostId): Map<number, string> {
  const found = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [, pid, groups] = /^(\d+)\t(.*)$/.exec(line) ?? [];
    const id = groups === undefined ? undefined : containerIdOf(groups.split(' ').map((path) => `0::${path}`).join('\n'));
    if (id !== undefined) found.set(Number(pid), topology.container.get(containerId(hostId, id))?.name ?? `container ${id.slice(0, 12)}`);
  }
  return found;
}

/** What the last scan knows of pids: the containers' first processes, and the few of each namespace that it looked at. */
export function knownPids({ container, host }: Containers, hostId: HostId): Map<number, string> {
  const found = new Map<number, string>();
  for (const { record } of host.get(hostId)?.sandboxes ?? []) {
    for (const { pid, cgroup } of record.processes) {
      const id = containerIdOf(cgroup);
      const name = id === undefined ? undefined : container.get(containerId(hostId, id))?.name;
      if (name !== undefined) found.set(pid, name);
    }
  }
  for (const each of container.values()) {
    if (each.hostId === hostId && each.running && each.engine.pid !== undefined && each.engine.pid > 0) found.set(each.engine.pid, each.name);
  }
  return found;
}

/**
 * Adds to each line of `ss -p` (`pid=12,`) or `netstat -p` (`12/name`) the containers of its processes, as a comment. A process's name may
 * hold another's `pid=`: all are named then, the true one among them.
 */
export function annotateProcesses(text: string, containers: ReadonlyMap<number, string>): string {
  const lines = text.split('\n').map((line) => ({
    line,
    owners: [...new Set([...line.matchAll(/\bpid=(\d+),|\s(\d+)\/\S/g)].flatMap(([, ss, netstat]) => containers.get(Number(ss ?? netstat)) ?? []))].map((name) => printable(name)).join(', '),
  }));
  const column = Math.min(140, lines.reduce((widest, each) => (each.owners === '' ? widest : Math.max(widest, width(each.line.trimEnd()))), 0));
  return lines.map(({ line, owners }) => (owners === '' ? line : `${padEnd(line.trimEnd(), column)}  # ${owners}`)).join('\n');
}
