import type { FdbEntry, Link } from '../model/link';
import { deviceFacts } from '../report/deviceFacts';
import type { Fact, SceneBox } from './scene';

export function fact(name: string, value: string | number | undefined): readonly Fact[] {
  return value === undefined || value === '' ? [] : [{ name, value: String(value) }];
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

/** What the detail panel says of a network device; absent facts are left out. */
export function linkFacts(link: Link): readonly Fact[] {
  return [
    // What Open vSwitch has no device for has no index.
    ...fact('Device', link.ifindex === 0 ? link.name : `${link.name} (index ${String(link.ifindex)})`),
    ...fact('Kind', link.kind ?? link.linkType),
    ...fact('State', `${link.operState}${link.flags.includes('UP') ? '' : ', not set up'}`),
    ...fact('MAC', link.mac),
    ...link.addresses.map(({ address, prefixLength }) => ({ name: 'Address', value: `${address}/${String(prefixLength)}` })),
    ...fact('MTU', `${String(link.mtuBytes)} bytes`),
    ...fact('Master', link.master),
    ...(link.vxlan
      ? [
          ...fact('VNI', link.vxlan.external === true ? 'comes with each packet' : link.vxlan.vni),
          ...fact('UDP port', link.vxlan.port),
          ...fact('Local VTEP', link.vxlan.local),
          ...fact('Default destination', link.vxlan.remote),
          ...fact('Learning', yesNo(link.vxlan.learning)),
          ...fact('Proxy', yesNo(link.vxlan.proxy)),
          ...fact('L2 miss, L3 miss', `${yesNo(link.vxlan.l2miss)}, ${yesNo(link.vxlan.l3miss)}`),
          ...fact('Ageing', link.vxlan.ageingS === undefined ? undefined : `${String(link.vxlan.ageingS)} s`),
        ]
      : []),
    ...(link.bridge
      ? [
          ...fact('Bridge id', link.bridge.bridgeId),
          ...fact('STP', yesNo(link.bridge.stp)),
          ...fact('VLAN filtering', yesNo(link.bridge.vlanFiltering)),
          ...fact('Ageing', link.bridge.ageingTimeS === undefined ? undefined : `${String(link.bridge.ageingTimeS)} s`),
        ]
      : []),
    ...(link.bridgePort
      ? [
          ...fact('Port state', link.bridgePort.state),
          ...fact('Hairpin', link.bridgePort.hairpin === undefined ? undefined : yesNo(link.bridgePort.hairpin)),
          ...fact('Port learning', link.bridgePort.learning === undefined ? undefined : yesNo(link.bridgePort.learning)),
          ...fact('Flooding', link.bridgePort.flood === undefined ? undefined : yesNo(link.bridgePort.flood)),
        ]
      : []),
    ...fact('Macvlan mode', link.macvlan?.mode),
    ...deviceFacts(link),
  ];
}

/** `down` where the device carries nothing now. A VXLAN device's operational state is UNKNOWN while it works, so that is no fault. */
export function linkState(link: Link): SceneBox['state'] {
  return !link.flags.includes('UP') || link.operState === 'DOWN' || link.operState === 'LOWERLAYERDOWN' ? 'down' : 'normal';
}

/** A row as `bridge fdb show` prints it (print_fdb in iproute2's bridge/fdb.c). */
export function fdbRow(entry: FdbEntry): string {
  return [
    entry.mac,
    `dev ${entry.device}`,
    ...(entry.destination === undefined ? [] : [`dst ${entry.destination}`]),
    ...(entry.vlan === undefined ? [] : [`vlan ${String(entry.vlan)}`]),
    ...(entry.port === undefined ? [] : [`port ${String(entry.port)}`]),
    ...(entry.vni === undefined ? [] : [`vni ${String(entry.vni)}`]),
    ...entry.flags.filter((flag) => flag !== 'master'),
    ...(entry.master === undefined ? [] : [`master ${entry.master}`]),
    ...(entry.state === '' ? [] : [entry.state]),
  ].join(' ');
}
