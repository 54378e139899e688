import type { BridgeFacts, BridgePortFacts, Link, LinkAddress, VxlanFacts } from '../model/link';
import { readDevice, type DeviceFields } from './deviceKinds';
import { flagOf, numberOf, present, recordOf, recordsOf, restOf, textOf, textsOf, wholeOf, type ToolRecord } from './record';

const understoodFields = new Set([
  'ifindex', 'ifname', 'link_type', 'address', 'mtu', 'flags', 'operstate', 'master', 'link', 'link_index', 'link_netnsid', 'addr_info', 'linkinfo',
]);
const understoodInfo = new Set(['info_kind', 'info_data', 'info_slave_kind', 'info_slave_data']);
const understoodBridge = new Set(['stp_state', 'vlan_filtering', 'ageing_time', 'bridge_id']);
const understoodVxlan = new Set([
  'id', 'port', 'local', 'local6', 'remote', 'remote6', 'group', 'group6', 'link', 'learning', 'proxy', 'l2miss', 'l3miss', 'ageing', 'external',
]);
const understoodPort = new Set(['state', 'hairpin', 'learning', 'flood']);

/** BR_STATE_* in linux/if_bridge.h. */
export const portStates = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

/** One record of `ip -j -d addr show` (print_linkinfo and print_addrinfo in iproute2's ip/ipaddress.c), or undefined where it is no device. */
export function readLink(record: ToolRecord): Link | undefined {
  const ifindex = wholeOf(record, 'ifindex');
  const name = textOf(record, 'ifname');
  if (ifindex === undefined || name === undefined) return undefined;
  const info = recordOf(record, 'linkinfo') ?? {};
  const kind = textOf(info, 'info_kind');
  const data = recordOf(info, 'info_data');
  const port = textOf(info, 'info_slave_kind') === 'bridge' ? recordOf(info, 'info_slave_data') : undefined;
  const used = new Set<string>();
  const device = data && readDevice(kind, fieldsOf(data, used));
  const shaped = kind === 'bridge' || kind === 'vxlan' || device !== undefined;
  return present<Link>({
    ifindex,
    name,
    kind,
    linkType: textOf(record, 'link_type') ?? 'none',
    mac: textOf(record, 'address')?.toLowerCase(),
    mtuBytes: wholeOf(record, 'mtu') ?? 0,
    flags: textsOf(record, 'flags'),
    operState: textOf(record, 'operstate') ?? 'UNKNOWN',
    master: textOf(record, 'master'),
    peerIfindex: wholeOf(record, 'link_index'),
    peerName: textOf(record, 'link'),
    // -1 where the kernel has no number for that namespace.
    linkNetnsId: wholeOf(record, 'link_netnsid'),
    addresses: recordsOf(record, 'addr_info').flatMap(readAddress),
    bridge: kind === 'bridge' && data !== undefined ? readBridge(data) : undefined,
    vxlan: kind === 'vxlan' && data !== undefined ? readVxlan(data) : undefined,
    bridgePort: port && readPort(port),
    ...(device ?? {}),
    info: shaped ? undefined : data,
    rest: restOfLink(record, info, kind, data, port, device && used),
  });
}

/** Fills in what the kernel leaves out where both devices are in one namespace: it names the other, the tool drops its number. */
export function withPeerIndexes(links: readonly Link[]): readonly Link[] {
  if (!links.some((link) => link.peerName !== undefined && link.peerIfindex === undefined)) return links;
  const byName = new Map(links.map((link) => [link.name, link.ifindex]));
  return links.map((link) => {
    const index = link.peerIfindex === undefined && link.peerName !== undefined ? byName.get(link.peerName) : undefined;
    return index === undefined ? link : { ...link, peerIfindex: index };
  });
}

function readAddress(record: ToolRecord): LinkAddress[] {
  const family = textOf(record, 'family');
  const address = textOf(record, 'local');
  const prefixLength = wholeOf(record, 'prefixlen');
  if ((family !== 'inet' && family !== 'inet6') || address === undefined || prefixLength === undefined) return [];
  return [{ family, address, prefixLength, scope: textOf(record, 'scope') ?? 'global' }];
}

function readBridge(data: ToolRecord): BridgeFacts {
  const ageing = numberOf(data, 'ageing_time');
  return present<BridgeFacts>({
    stp: flagOf(data, 'stp_state') ?? false,
    vlanFiltering: flagOf(data, 'vlan_filtering') ?? false,
    // The kernel counts it in clock ticks for user space, of which there are 100 in a second (USER_HZ).
    ageingTimeS: ageing === undefined ? undefined : ageing / 100,
    bridgeId: textOf(data, 'bridge_id'),
  });
}

function readVxlan(data: ToolRecord): VxlanFacts {
  return present<VxlanFacts>({
    vni: wholeOf(data, 'id') ?? 0,
    external: flagOf(data, 'external') === true || undefined,
    port: wholeOf(data, 'port') ?? 0,
    local: textOf(data, 'local') ?? textOf(data, 'local6'),
    remote: textOf(data, 'remote') ?? textOf(data, 'remote6') ?? textOf(data, 'group') ?? textOf(data, 'group6'),
    device: textOf(data, 'link'),
    learning: flagOf(data, 'learning') ?? false,
    proxy: flagOf(data, 'proxy') ?? false,
    l2miss: flagOf(data, 'l2miss') ?? false,
    l3miss: flagOf(data, 'l3miss') ?? false,
    ageingS: numberOf(data, 'ageing'),
  });
}

/** Notes which fields were asked for. */
function fieldsOf(data: ToolRecord, used: Set<string>): DeviceFields {
  const first = <T>(names: readonly string[], read: (record: ToolRecord, name: string) => T | undefined): T | undefined => {
    for (const name of names) used.add(name);
    return names.map((name) => read(data, name)).find((value) => value !== undefined);
  };
  return {
    text: (...names) => first(names, textOf),
    number: (...names) => first(names, numberOf),
    flag: (...names) => first(names, flagOf),
  };
}

function readPort(data: ToolRecord): BridgePortFacts {
  const state = data['state'];
  return present<BridgePortFacts>({
    state: typeof state === 'number' ? (portStates[state] ?? String(state)) : typeof state === 'string' ? state : 'unknown',
    hairpin: flagOf(data, 'hairpin'),
    learning: flagOf(data, 'learning'),
    flood: flagOf(data, 'flood'),
  });
}

function restOfLink(
  record: ToolRecord,
  info: ToolRecord,
  kind: string | undefined,
  data: ToolRecord | undefined,
  port: ToolRecord | undefined,
  used: ReadonlySet<string> | undefined,
): Link['rest'] {
  const infoRest = {
    ...restOf(info, understoodInfo),
    ...(data && kind === 'bridge' && { info_data: restOf(data, understoodBridge) }),
    ...(data && kind === 'vxlan' && { info_data: restOf(data, understoodVxlan) }),
    ...(data && used && { info_data: restOf(data, used) }),
    ...(port ? { info_slave_data: restOf(port, understoodPort) } : foreignPort(info)),
  };
  const linkinfo = restOf(infoRest, new Set());
  const rest = restOf(record, understoodFields);
  return linkinfo === undefined ? rest : { ...rest, linkinfo };
}

/** Ports of something other than a bridge (bond, vrf, …) have no shape of their own. */
function foreignPort(info: ToolRecord): ToolRecord {
  return restOf(info, new Set(['info_kind', 'info_data'])) ?? {};
}
