import { present } from '../facts/record';
import type { HostId } from '../model/address';
import { ovsBridgeId, ovsPortId } from '../model/ids';
import type { OvsFacts } from '../model/ovs';
import type { LinkNode, OvsBridgeNode, OvsPortNode, Sandbox } from '../model/topology';

/** Bridges and ports with the root namespace's devices of their interfaces' names: the daemon opens devices by name, in the namespace that it runs in. */
export function buildOvs(hostId: HostId, { bridges }: OvsFacts, root: Sandbox | undefined): readonly OvsBridgeNode[] {
  const linkIds = new Map(root?.links.map(({ id, link }) => [link.name, id]));
  // A file may give one twice; views hold each by its id.
  const seen = new Set<string>();
  const isFirst = ({ uuid }: { readonly uuid: string }): boolean => !seen.has(uuid) && seen.add(uuid).size > 0;
  return bridges.filter(isFirst).map((bridge): OvsBridgeNode => {
    const id = ovsBridgeId(hostId, bridge.uuid);
    const ports = bridge.ports.filter(isFirst).map((port): OvsPortNode =>
      present<OvsPortNode>({
        id: ovsPortId(id, port.uuid),
        hostId,
        bridgeId: id,
        sandboxId: root?.id,
        port,
        interfaces: port.interfaces.map((facts) => {
          const linkId = isDevice(facts.type) ? linkIds.get(facts.name) : undefined;
          return { facts, ...(linkId !== undefined && { linkId }) };
        }),
      }),
    );
    return present<OvsBridgeNode>({ id, hostId, sandboxId: root?.id, bridge, linkId: linkIds.get(bridge.name), ports });
  });
}

/** What each device of the root namespace is to Open vSwitch, by its name. */
export function ovsMemberships(hostId: HostId, ovs: OvsFacts | undefined): ReadonlyMap<string, NonNullable<LinkNode['ovs']>> {
  return new Map(
    (ovs?.bridges ?? []).flatMap((bridge) => {
      const bridgeId = ovsBridgeId(hostId, bridge.uuid);
      return bridge.ports.flatMap((port) =>
        port.interfaces.filter(({ type, ofport }) => isDevice(type) && ofport !== -1).map(({ name, type }) => [name, { bridgeId, portId: ovsPortId(bridgeId, port.uuid), bridge: bridge.name, port: port.name, type }] as const),
      );
    }),
  );
}

/** Types of interfaces that are network devices of the host; a tunnel or patch port of the same name as one is none. */
const isDevice = (type: string): boolean => ['', 'system', 'internal', 'tap', 'afxdp', 'afxdp-nonpmd'].includes(type);
