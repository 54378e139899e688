import type { HostNode, LinkNode, Sandbox, Topology } from '../model/topology';
import { otherWays } from '../command/enterTarget';
import { isEncodable } from '../facts/bytes';
import { parseIpv4 } from '../model/ipv4';
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
  if (host === undefined || root === undefined) throw new PlanRefused(`${host?.label ?? hostId} has not been read, so nothing can be planned there. Read it first.`);
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

/** @throws PlanRefused where the host's own namespace has no such device */
export function requireDevice({ host, root }: RootOfHost, name: string): LinkNode {
  const node = linkOf(root, name);
  if (node === undefined) throw new PlanRefused(`There is no device "${name}" on ${host.label}.`);
  return node;
}

/**
 * The address by which a tunnel of the host goes, and the device that has it.
 * @param asked absent: the host's most likely one
 * @throws PlanRefused where it has none such
 */
export function underlayOf({ host, root }: RootOfHost, asked: string | undefined): { readonly underlay: string; readonly uplink: LinkNode } {
  const underlay = asked ?? host.underlay.find((address) => parseIpv4(address) !== undefined);
  if (underlay === undefined) throw new PlanRefused(`${host.label} has no IPv4 address that the other host could reach. Say which one the tunnel is to use.`);
  if (parseIpv4(underlay) === undefined) throw new PlanRefused(`"${underlay}" is no IPv4 address.`);
  const uplink = root.links.find(({ link }) => link.addresses.some(({ address }) => address === underlay));
  if (uplink === undefined) throw new PlanRefused(`${host.label} has no interface with the address ${underlay}. It has ${host.underlay.join(', ') || 'none'}.`);
  return { underlay, uplink };
}

/** Tells a host from others in a plan's id however it is spelled: by its own name for itself. */
export function ownName({ snapshot }: HostNode): string {
  return snapshot.host.hostname;
}

/** Tells a namespace in a plan's id: by its containers' names, which a container that is started again keeps while its namespace is another one; else by itself. */
export function ownNamesOf({ key, containers }: Sandbox, topology: Topology): string | readonly string[] {
  return containers.length === 0 ? key : containers.map((each) => topology.container.get(each)?.name ?? each);
}

/** busybox's `ip` takes some of the words and makes something else. */
export function needsIproute({ id: hostId, label }: HostNode): Precondition {
  return { hostId, what: 'ip is of iproute2', argv: script('ip -V 2>/dev/null | grep -q iproute2'), mend: `${label} has no "ip" of iproute2. Install the package iproute2.` };
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
  const known = [...sandbox.paths, ...otherWays(sandbox.record)];
  const path = known.find(isEncodable) ?? (process === undefined ? undefined : `/proc/${String(process.pid)}/ns/net`);
  if (path === undefined && known.length > 0) throw new PlanRefused(`The name of the namespace ${sandbox.title} of ${host.label} is not UTF-8, which no step can hold. Give it another one, by mount --bind, and refresh the host.`);
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
