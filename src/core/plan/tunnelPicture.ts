import type { PlanJoin, PlanPicture, PlanThing } from './plan';
import { kindName, type TunnelDevice } from './tunnelDevice';

/** The rows within a host: what is behind the tunnel, its device, and what carries it. */
const rows = { behind: 0, device: 1, uplink: 2 } as const;

interface PicturedEnd {
  readonly device: TunnelDevice;
  /** Name of the device with the underlay address. */
  readonly uplink: string;
  readonly underlay: string;
}

/** @param foreign underlay address of a far end that no host of ours is */
export function tunnelPicture(ends: readonly PicturedEnd[], foreign: string | undefined): PlanPicture {
  const things: PlanThing[] = [];
  const joins: PlanJoin[] = [];
  for (const [at, { device, uplink, underlay }] of ends.entries()) {
    const { hostId, bridge, key, vni } = device;
    const behind = ends[1 - at]?.device.routes ?? [];
    const id = (what: string): string => `${hostId}|${what}`;
    things.push({ id: id('uplink'), hostId, row: rows.uplink, lines: [uplink, underlay] });
    const number = vni === undefined ? (key === undefined ? undefined : `key ${String(key)}`) : `VNI ${String(vni)}`;
    things.push({ id: id('device'), hostId, row: rows.device, lines: [device.name, ...device.addresses, [kindName(device.kind), number, `MTU ${String(device.mtuBytes)}`].filter((part) => part !== undefined).join(' · ')], made: true });
    joins.push({ from: id('device'), to: id('uplink'), made: true });
    if (bridge !== undefined) {
      things.push({ id: id('bridge'), hostId, row: rows.behind, lines: [bridge, 'bridge'] });
      joins.push({ from: id('bridge'), to: id('device'), made: true });
    }
    for (const network of behind) {
      things.push({ id: id(network), hostId, row: rows.behind, lines: [network] });
      joins.push({ from: id(network), to: id('device'), made: true });
    }
  }
  const [a, b] = ends.map(({ device }) => device.hostId);
  const far = b ?? 'foreign';
  if (foreign !== undefined) {
    things.push({ id: 'foreign|device', row: rows.device, lines: [foreign, 'not among the hosts'] });
    joins.push({ from: `${a ?? ''}|device`, to: 'foreign|device', label: 'tunnel', made: true });
  } else if (a !== undefined) {
    joins.push({ from: `${a}|device`, to: `${far}|device`, label: 'tunnel', made: true }, { from: `${a}|uplink`, to: `${far}|uplink`, label: 'underlay' });
  }
  return { things, joins };
}
