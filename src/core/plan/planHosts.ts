import type { HostNode, LinkNode, Sandbox, Topology } from '../model/topology';
import { otherWays } from '../command/enterTarget';
import { overlaps, parsePrefix, type Prefix } from './ipv4';
import { PlanRefused, type Argv, type PlanHost, type Precondition } from './plan';
import { script } from './planParts';

/** What builders of plans on one host look up, and refuse where it is not there. */

export interface RootOfHost {
  readonly host: HostNode;
  readonly root: Sandbox;
  readonly planHost: PlanHost;
}

/** @throws PlanRefused where the host was not read */
export function rootOf(topology: Topology, hostId: string): RootOfHost {
  const host = topology.host.get(hostId);
  const root = host?.rootSandbox === undefined ? undefined : topology.sandbox.get(host.rootSandbox);
  if (host === undefined || root === undefined) throw new PlanRefused(`${host?.label ?? hostId} has not been read, so nothing can be planned there. Refresh it first.`);
  return { host, root, planHost: { hostId: host.id, label: host.label } };
}

export function linkOf(sandbox: Sandbox, name: string): LinkNode | undefined {
  return sandbox.links.find(({ link }) => link.name === name);
}

/** @throws PlanRefused where the host's root namespace has no such Linux bridge */
export function requireBridge({ host, root }: RootOfHost, name: string): LinkNode {
  const bridge = linkOf(root, name);
  if (bridge?.link.kind !== 'bridge') throw new PlanRefused(`There is no Linux bridge "${name}" on ${host.label}.`);
  return bridge;
}

/** @throws PlanRefused where a route of the namespace overlaps the network, other than by that device */
export function refuseOverlap(sandbox: Sandbox, network: Prefix, place: string, device: string, text: string): void {
  const route = sandbox.record.routes.find((each) => {
    const prefix = each.family === 'inet' && each.type === 'unicast' && each.device !== device ? parsePrefix(each.destination) : undefined;
    return prefix !== undefined && prefix.length > 0 && overlaps(prefix, network);
  });
  if (route !== undefined) throw new PlanRefused(`${text} overlaps ${route.destination}, which ${place} sends to ${route.device ?? 'another way'}. Choose another address.`);
}

/** A namespace as steps reach it, from the host's own one: a file that stands for it. */
export interface ReachedNamespace {
  /** Absolute; hostile text. */
  readonly path: string;
  /** What is run in it. */
  readonly run: (...argv: Argv) => Argv;
  /** Likewise, as a script with its values as positional parameters. */
  readonly script: (text: string, ...values: readonly string[]) => Argv;
  readonly precondition: Precondition;
}

/** @throws PlanRefused for a namespace that no path or process leads to */
export function reached({ host }: RootOfHost, sandbox: Sandbox): ReachedNamespace {
  const [process] = sandbox.record.processes;
  const path = sandbox.paths[0] ?? otherWays(sandbox.record)[0] ?? (process === undefined ? undefined : `/proc/${String(process.pid)}/ns/net`);
  if (path === undefined) throw new PlanRefused(`No path and no process leads to the namespace ${sandbox.title} of ${host.label}. Refresh the host.`);
  const enter = ['nsenter', `--net=${path}`, '--'] as const;
  return {
    path,
    run: (...argv) => [...enter, ...argv],
    script: (text, ...values) => [...enter, ...script(text, ...values)],
    precondition: {
      hostId: host.id,
      what: `${path} is the namespace of ${sandbox.title}, net:[${String(sandbox.inode)}]`,
      // -L: a bind mount of nsfs is the file itself, a /proc link leads to it.
      argv: script('[ "$(stat -Lc %i -- "$1")" = "$2" ]', path, String(sandbox.inode)),
      mend: `${path} on ${host.label} is another namespace by now: ${sandbox.title} was started again. Refresh the host, and plan anew.`,
    },
  };
}
