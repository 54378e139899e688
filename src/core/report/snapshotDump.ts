import type { DumpId } from '../command/dumps';
import type { FdbEntry, Link, LinkAddress, Neighbour, Route } from '../model/link';
import type { NamespaceRecord } from '../model/snapshot';
import { vlanRange } from './deviceFacts';
import { printable } from './printable';

/**
 * What a dump's first command would print, as far as a recorded namespace holds it, in the tools' own form; names are printable.
 * Undefined for what snapshots do not hold: they have links, addresses, routes, neighbours, bridge ports and FDB rows.
 */
export function snapshotDump(record: NamespaceRecord, id: DumpId): string | undefined {
  return linesOf(record, id)?.map((line) => `${line}\n`).join('');
}

function linesOf(record: NamespaceRecord, id: DumpId): string[] | undefined {
  switch (id) {
    case 'links':
      return record.links.flatMap((link) => [linkLine(link), ...linkDetails(link)]);
    case 'addresses':
      return record.links.flatMap((link) => [linkLine(link), layerLine(link), ...link.addresses.map(addressLine)]);
    case 'routes':
      return record.routes.map(routeLine);
    case 'neighbours':
      return record.neighbours.map(neighbourLine);
    case 'bridges':
      return [...record.links.filter((link) => link.bridgePort !== undefined).flatMap(bridgePortLines), ...vlanLines(record.links)];
    case 'fdb':
      return record.fdb.map(fdbLine);
    case 'counters':
    case 'offloads':
    case 'weave':
    case 'wireguard':
    case 'xfrm':
    case 'firewall':
    case 'ipvs':
    case 'listening':
    case 'sockets':
    case 'conntrackSummary':
    case 'conntrack':
    case 'sysctls':
    case 'allSysctls':
      return undefined;
  }
}

/** `name@peer` as iproute2 writes it: the name where the other device is in the same namespace, else its index. */
function linkName(link: Link): string {
  if (link.peerName !== undefined) return `${printable(link.name)}@${printable(link.peerName)}`;
  if (link.peerIfindex !== undefined) return `${printable(link.name)}@if${link.peerIfindex}`;
  return printable(link.name);
}

function linkLine(link: Link): string {
  const master = link.master === undefined ? '' : ` master ${printable(link.master)}`;
  return `${link.ifindex}: ${linkName(link)}: <${link.flags.map(printable).join(',')}> mtu ${link.mtuBytes}${master} state ${printable(link.operState)}`;
}

/** As `bridge -compressvlans vlan show` prints them. */
function vlanLines(links: readonly Link[]): string[] {
  const rows = links.flatMap(({ name, vlans = [] }) =>
    vlans.map((vlan, at) =>
      [(at === 0 ? printable(name) : '').padEnd(17), vlanRange(vlan), ...(vlan.pvid ? ['PVID'] : []), ...(vlan.untagged ? ['Egress Untagged'] : [])].join(' '),
    ),
  );
  return rows.length === 0 ? [] : ['port              vlan-id', ...rows];
}

function layerLine(link: Link): string {
  const netnsId = link.linkNetnsId === undefined ? '' : ` link-netnsid ${link.linkNetnsId}`;
  return `    link/${printable(link.linkType)}${link.mac === undefined ? '' : ` ${printable(link.mac)}`}${netnsId}`;
}

function linkDetails(link: Link): string[] {
  const { vxlan, bridge, bridgePort } = link;
  const kind = ((): string[] => {
    if (vxlan !== undefined) {
      return [
        'vxlan',
        vxlan.external === true ? 'external' : `id ${vxlan.vni}`,
        ...(vxlan.remote === undefined ? [] : [`remote ${printable(vxlan.remote)}`]),
        ...(vxlan.local === undefined ? [] : [`local ${printable(vxlan.local)}`]),
        ...(vxlan.device === undefined ? [] : [`dev ${printable(vxlan.device)}`]),
        `dstport ${vxlan.port}`,
        ...(vxlan.learning ? [] : ['nolearning']),
        ...(vxlan.proxy ? ['proxy'] : []),
        ...(vxlan.l2miss ? ['l2miss'] : []),
        ...(vxlan.l3miss ? ['l3miss'] : []),
        ...(vxlan.ageingS === undefined ? [] : [`ageing ${vxlan.ageingS}`]),
      ];
    }
    if (bridge !== undefined) {
      // iproute2 prints the ageing time as the kernel gives it, in hundredths of a second (USER_HZ).
      return [
        'bridge',
        ...(bridge.ageingTimeS === undefined ? [] : [`ageing_time ${Math.round(bridge.ageingTimeS * 100)}`]),
        `stp_state ${bridge.stp ? 1 : 0}`,
        `vlan_filtering ${bridge.vlanFiltering ? 1 : 0}`,
        ...(bridge.bridgeId === undefined ? [] : [`bridge_id ${printable(bridge.bridgeId)}`]),
      ];
    }
    return link.kind === undefined ? [] : [printable(link.kind), ...deviceOptions(link).map(printable)];
  })();
  const port = bridgePort === undefined ? [] : [`    bridge_slave state ${printable(bridgePort.state)}${portFlags(bridgePort)}`];
  return [layerLine(link), ...(kind.length === 0 ? [] : [`    ${kind.join(' ')}`]), ...port];
}

function deviceOptions({ macvlan, vlan, bond, tunnel, ipvlan, tun, vrf, xfrm }: Link): readonly string[] {
  const pairs: readonly (readonly [string, string | number | undefined])[] = [
    ['mode', macvlan?.mode ?? bond?.mode ?? (ipvlan && [ipvlan.mode, ipvlan.flag].filter((part) => part !== undefined).join(' '))],
    ['protocol', vlan?.protocol],
    ['id', vlan?.id ?? tunnel?.id],
    ['active_slave', bond?.activePort],
    ['miimon', bond?.miiMonitorMs],
    ['primary', bond?.primary],
    ['xmit_hash_policy', bond?.hashPolicy],
    ['lacp_rate', bond?.lacpRate],
    ...(tunnel === undefined || tunnel.external === true
      ? []
      : ([
          ['remote', tunnel.remote ?? 'any'],
          ['local', tunnel.local ?? 'any'],
          ['dev', tunnel.device],
          ['ttl', tunnel.ttl === 0 ? 'inherit' : tunnel.ttl],
          ['dstport', tunnel.port],
          ['ikey', tunnel.inputKey],
          ['okey', tunnel.outputKey],
          ['erspan_ver', tunnel.erspanVersion],
        ] as const)),
    ['type', tun?.layer],
    ['persist', tun && (tun.persistent ? 'on' : 'off')],
    ['user', tun?.user],
    ['group', tun?.group],
    ['table', vrf?.table],
    ['if_id', xfrm?.interfaceId],
    ['dev', xfrm?.device],
  ];
  return [...(tunnel?.external === true ? ['external'] : []), ...pairs.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${String(value)}`]))];
}

function portFlags(port: NonNullable<Link['bridgePort']>): string {
  const flag = (name: string, value: boolean | undefined): string => (value === undefined ? '' : ` ${name} ${value ? 'on' : 'off'}`);
  return flag('hairpin', port.hairpin) + flag('learning', port.learning) + flag('flood', port.flood);
}

function bridgePortLines(link: Link): string[] {
  const { bridgePort } = link;
  if (bridgePort === undefined) return [];
  const master = link.master === undefined ? '' : ` master ${printable(link.master)}`;
  const flags = portFlags(bridgePort);
  return [
    `${link.ifindex}: ${linkName(link)}: <${link.flags.map(printable).join(',')}> mtu ${link.mtuBytes}${master} state ${printable(bridgePort.state)}`,
    ...(flags === '' ? [] : [`   ${flags}`]),
  ];
}

function addressLine(address: LinkAddress): string {
  return `    ${address.family} ${printable(address.address)}/${address.prefixLength} scope ${printable(address.scope)}`;
}

function routeLine(route: Route): string {
  return words(
    route.type === 'unicast' ? undefined : route.type,
    route.destination,
    option('via', route.gateway),
    option('dev', route.device),
    option('table', route.table === 'main' ? undefined : route.table),
    option('proto', route.protocol),
    option('scope', route.scope),
    option('src', route.source),
    option('metric', route.metric?.toString()),
  );
}

function neighbourLine(neighbour: Neighbour): string {
  return words(neighbour.address, option('dev', neighbour.device), option('lladdr', neighbour.mac), neighbour.proxy === true ? 'proxy' : undefined, ...neighbour.states);
}

function fdbLine(entry: FdbEntry): string {
  return words(
    entry.mac,
    option('dev', entry.device),
    option('dst', entry.destination),
    option('port', entry.port?.toString()),
    option('vni', entry.vni?.toString()),
    option('vlan', entry.vlan?.toString()),
    option('master', entry.master),
    ...entry.flags.filter((flag) => flag !== 'master'),
    entry.state === '' ? undefined : entry.state,
  );
}

function option(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${name} ${value}`;
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.flatMap((part) => (part === undefined || part === '' ? [] : [printable(part)])).join(' ');
}
