import type { BridgeVlan, Link } from '../model/link';

export interface DeviceFact {
  readonly name: string;
  readonly value: string;
}

/** Most of what an unknown kind tells that is shown. */
const mostOfUnknown = 12;

/** What is particular to a device's kind, in words; of a kind without a shape of its own what the tool printed. Hostile text. */
export function deviceFacts(link: Link): readonly DeviceFact[] {
  const { vlan, bond, tunnel, ipvlan, tun, vrf, xfrm, info } = link;
  return [
    ...fact('VLANs', link.vlans?.map(vlanText).join(', ')),
    ...fact('VLAN', vlan && `${String(vlan.id)} (${vlan.protocol})`),
    ...fact('Bond mode', bond?.mode),
    ...fact('Active port', bond?.activePort),
    ...fact('Primary port', bond?.primary),
    ...fact('Link monitoring', bond?.miiMonitorMs === undefined ? undefined : bond.miiMonitorMs === 0 ? 'off' : `every ${String(bond.miiMonitorMs)} ms`),
    ...fact('Hash policy', bond?.hashPolicy),
    ...fact('LACP rate', bond?.lacpRate),
    ...fact('Tunnel id', tunnel?.id?.toString()),
    ...fact('Local address', tunnel?.local),
    ...fact('Remote address', tunnel?.remote),
    ...fact('Given by routes', tunnel?.external === true ? 'yes' : undefined),
    ...fact('UDP port', tunnel?.port?.toString()),
    ...fact('TTL', tunnel && tunnel.external !== true ? (tunnel.ttl === 0 ? 'inherited' : String(tunnel.ttl)) : undefined),
    ...fact('Key', keyOf(tunnel)),
    ...fact('ERSPAN version', tunnel?.erspanVersion?.toString()),
    ...fact('Sent through', tunnel?.device ?? xfrm?.device),
    ...fact('IPVLAN mode', ipvlan && [ipvlan.mode, ipvlan.flag].filter((part) => part !== undefined).join(', ')),
    ...fact('Layer', tun && (tun.layer === 'tap' ? 'Ethernet (TAP)' : 'IP (TUN)')),
    ...fact('Persistent', tun && (tun.persistent ? 'yes' : 'no')),
    ...fact('User', tun?.user),
    ...fact('Group', tun?.group),
    ...fact('Routing table', vrf?.table),
    ...fact('Interface id', xfrm?.interfaceId),
    // Reading them takes `wg`, which a scan does not run.
    ...fact('Peers', link.kind === 'wireguard' ? 'shown by Dump WireGuard Peers, which reads no keys but public ones' : undefined),
    ...Object.entries(info ?? {})
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .slice(0, mostOfUnknown)
      .map(([name, value]) => ({ name, value: String(value) })),
  ];
}

/** The one thing to know of a device of its kind, for a row: `VLAN 5`, `10.0.0.1 → 10.0.0.2`. Hostile text. */
export function deviceSummary(link: Link): string | undefined {
  const { vlan, bond, tunnel, ipvlan, vrf, xfrm } = link;
  if (vlan) return `VLAN ${String(vlan.id)}`;
  if (bond) return bond.activePort === undefined ? bond.mode : `${bond.mode}, ${bond.activePort}`;
  if (tunnel) return tunnel.external === true ? undefined : `${tunnel.local ?? '*'} → ${tunnel.remote ?? '*'}`;
  if (ipvlan) return ipvlan.mode;
  if (vrf) return `table ${vrf.table}`;
  if (xfrm?.interfaceId !== undefined) return `if_id ${xfrm.interfaceId}`;
  return (link.bridgePort && portVlansText(link)) || undefined;
}

/** `10 (PVID, untagged)`, `20-22`. */
function vlanText(vlan: BridgeVlan): string {
  const { pvid, untagged } = vlan;
  const how = [...(pvid ? ['PVID'] : []), ...(untagged ? ['untagged'] : [])].join(', ');
  return `${vlanRange(vlan)}${how === '' ? '' : ` (${how})`}`;
}

/** `10`, `20-22`. */
export const vlanRange = ({ id, lastId }: BridgeVlan): string => (lastId === undefined ? String(id) : `${String(id)}-${String(lastId)}`);

/** What a port of a bridge with VLANs lets through, for a title: `VLAN 10`, `VLAN 10, tagged 20-22`; nothing where it is as the kernel makes it, in VLAN 1 alone. */
export function portVlansText({ vlans = [] }: Link): string {
  const plain = vlans.filter(({ pvid }) => pvid).map(vlanRange);
  const tagged = vlans.filter(({ untagged }) => !untagged).map(vlanRange);
  if (tagged.length === 0 && (plain.length === 0 || plain[0] === '1')) return '';
  return [...(plain.length === 0 ? [] : [`VLAN ${plain.join(', ')}`]), ...(tagged.length === 0 ? [] : [`tagged ${tagged.length > 3 ? `${tagged.slice(0, 3).join(', ')}, …` : tagged.join(', ')}`])].join(', ');
}

function keyOf(tunnel: Link['tunnel']): string | undefined {
  if (tunnel?.inputKey === tunnel?.outputKey) return tunnel?.inputKey;
  return `${tunnel?.inputKey ?? 'none'} in, ${tunnel?.outputKey ?? 'none'} out`;
}

function fact(name: string, value: string | undefined): readonly DeviceFact[] {
  return value === undefined || value === '' ? [] : [{ name, value }];
}
