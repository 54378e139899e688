import type { DumpId } from '../../core/command/dumps';
import type { FdbEntry, Link, Neighbour, Route } from '../../core/model/link';
import type { NamespaceRecord } from '../../core/model/snapshot';

/**
 * A dump of a recorded namespace, from what the recording holds, in the form in which iproute2 prints it.
 * Undefined where it holds nothing of the kind.
 */
export function recordedDump(record: NamespaceRecord, dump: DumpId): string | undefined {
  switch (dump) {
    case 'links':
      return record.links.map((link) => `${linkHead(link)}\n${linkDetails(link)}`).join('\n');
    case 'addresses':
      return record.links.map((link) => [linkHead(link), ...addressLines(link)].join('\n')).join('\n');
    case 'routes':
      return record.routes.map(routeLine).join('\n');
    case 'neighbours':
      return record.neighbours.map(neighbourLine).join('\n');
    case 'fdb':
      return record.fdb.map(fdbLine).join('\n');
    case 'bridges':
      return record.links.filter((link) => link.bridgePort !== undefined).map(portLine).join('\n');
    case 'firewall':
    case 'sockets':
    case 'conntrack':
    case 'sysctls':
      return undefined;
  }
}

/** print_linkinfo in ip/ipaddress.c */
function linkHead(link: Link): string {
  const other = link.peerIfindex === undefined || link.peerIfindex === 0 ? '' : `@${link.peerName ?? `if${String(link.peerIfindex)}`}`;
  const master = link.master === undefined ? '' : ` master ${link.master}`;
  const address = link.mac === undefined ? '' : ` ${link.mac}`;
  const netns = link.linkNetnsId === undefined ? '' : ` link-netnsid ${String(link.linkNetnsId)}`;
  return `${String(link.ifindex)}: ${link.name}${other}: <${link.flags.join(',')}> mtu ${String(link.mtuBytes)}${master} state ${link.operState}\n    link/${link.linkType}${address}${netns}`;
}

function linkDetails(link: Link): string {
  const { vxlan, bridge, bridgePort, macvlan } = link;
  const lines: string[] = [];
  if (vxlan !== undefined) {
    const words = [
      `vxlan id ${String(vxlan.vni)}`,
      vxlan.remote === undefined ? '' : `remote ${vxlan.remote}`,
      vxlan.local === undefined ? '' : `local ${vxlan.local}`,
      `dstport ${String(vxlan.port)}`,
      vxlan.learning ? '' : 'nolearning',
      vxlan.proxy ? 'proxy' : '',
      vxlan.l2miss ? 'l2miss' : '',
      vxlan.l3miss ? 'l3miss' : '',
      vxlan.ageingS === undefined ? '' : `ageing ${String(vxlan.ageingS)}`,
    ];
    lines.push(words.filter((word) => word !== '').join(' '));
  } else if (bridge !== undefined) {
    lines.push(`bridge stp_state ${bridge.stp ? '1' : '0'} vlan_filtering ${bridge.vlanFiltering ? '1' : '0'}${bridge.bridgeId === undefined ? '' : ` bridge_id ${bridge.bridgeId}`}`);
  } else if (macvlan !== undefined) {
    lines.push(`macvlan mode ${macvlan.mode}`);
  } else if (link.kind !== undefined) {
    lines.push([link.kind, ...Object.entries(link.info ?? {}).map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)].join(' '));
  }
  if (bridgePort !== undefined) lines.push(`bridge_slave state ${bridgePort.state}`);
  return lines.map((line) => `    ${line}`).join('\n');
}

function addressLines(link: Link): string[] {
  return link.addresses.map((address) => `    ${address.family} ${address.address}/${String(address.prefixLength)} scope ${address.scope}`);
}

/** print_route in ip/iproute.c */
function routeLine(route: Route): string {
  return words(
    route.type === 'unicast' ? '' : route.type,
    route.destination,
    pair('via', route.gateway),
    pair('dev', route.device),
    route.table === 'main' ? '' : pair('table', route.table),
    pair('proto', route.protocol),
    pair('scope', route.scope),
    pair('src', route.source),
    pair('metric', route.metric),
  );
}

/** print_neigh in ip/ipneigh.c */
function neighbourLine(neighbour: Neighbour): string {
  return words(neighbour.address, pair('dev', neighbour.device), pair('lladdr', neighbour.mac), neighbour.proxy === true ? 'proxy' : '', ...neighbour.states);
}

/** print_fdb in bridge/fdb.c */
function fdbLine(entry: FdbEntry): string {
  return words(
    entry.mac,
    pair('dev', entry.device),
    pair('dst', entry.destination),
    pair('vlan', entry.vlan),
    pair('port', entry.port),
    pair('vni', entry.vni),
    ...entry.flags.filter((flag) => flag !== 'master'),
    pair('master', entry.master),
    entry.state,
  );
}

/** print_linkinfo in bridge/link.c */
function portLine(link: Link): string {
  return `${String(link.ifindex)}: ${link.name}: <${link.flags.join(',')}> mtu ${String(link.mtuBytes)}${link.master === undefined ? '' : ` master ${link.master}`} state ${link.bridgePort?.state ?? ''}`;
}

function pair(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${name} ${String(value)}`;
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
