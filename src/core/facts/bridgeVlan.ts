import type { BridgeVlan, Link } from '../model/link';
import { present, recordsOf, textOf, textsOf, whole, wholeOf, type ToolRecord } from './record';
import type { TextRecords } from './textRecords';

/** The VLANs of one device: a bridge's port, or the bridge itself. */
export interface DeviceVlans {
  readonly device: string;
  readonly vlans: readonly BridgeVlan[];
}

/** One record of `bridge -j vlan show` (print_vlan_info in iproute2's bridge/vlan.c), or undefined where it is none. Before 4.17 a record had devices for its members. */
export function readBridgeVlans(record: ToolRecord): readonly DeviceVlans[] | undefined {
  const device = textOf(record, 'ifname');
  if (device !== undefined) return [{ device, vlans: inRanges(recordsOf(record, 'vlans').flatMap(readVlan)) }];
  const devices = Object.keys(record).filter((name) => Array.isArray(record[name]));
  return devices.length === 0 ? undefined : devices.map((name) => ({ device: name, vlans: inRanges(recordsOf(record, name).flatMap(readVlan)) }));
}

function readVlan(record: ToolRecord): BridgeVlan[] {
  const id = wholeOf(record, 'vlan');
  if (id === undefined) return [];
  const flags = textsOf(record, 'flags');
  return [vlanOf(id, wholeOf(record, 'vlanEnd'), flags.includes('PVID'), flags.includes('Egress Untagged'))];
}

function vlanOf(id: number, lastId: number | undefined, pvid: boolean, untagged: boolean): BridgeVlan {
  return present<BridgeVlan>({ id, lastId, pvid: pvid ? true : undefined, untagged: untagged ? true : undefined });
}

/** Reads `bridge vlan show` without JSON: "NAME  1 PVID Egress Untagged", and a line that begins with a blank for each further one. An interface name holds no blank. */
export function readBridgeVlansText(text: string): TextRecords<DeviceVlans> {
  const records: { device: string; vlans: BridgeVlan[] }[] = [];
  let whole = true;
  for (const line of text.split('\n')) {
    if (line.trim() === '' || /^port\s+vlan[- ]ids?\s*$/.test(line)) continue;
    const found = /^(\S*)\s+(?:(\d+)(?:-(\d+))?((?:\s+(?:PVID|Egress Untagged))*)|None)\s*$/.exec(line);
    if (found?.[1] !== undefined && found[1] !== '') records.push({ device: found[1], vlans: [] });
    const vlans = records.at(-1)?.vlans;
    if (found === null || vlans === undefined) whole = false;
    else if (found[2] !== undefined) vlans.push(vlanOf(Number(found[2]), numberOf(found[3]), found[4]?.includes('PVID') === true, found[4]?.includes('Untagged') === true));
  }
  return { records: records.map(({ device, vlans }) => ({ device, vlans: inRanges(vlans) })), whole };
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : whole(Number(text)));

/** Neighbours of one kind as one range: the kernel tells up to 4094 of a port, one by one. */
function inRanges(vlans: readonly BridgeVlan[]): readonly BridgeVlan[] {
  const ranges: BridgeVlan[] = [];
  for (const vlan of vlans) {
    const last = ranges.at(-1);
    const goesOn = last !== undefined && last.pvid === undefined && vlan.pvid === undefined && last.untagged === vlan.untagged && vlan.id === (last.lastId ?? last.id) + 1;
    if (goesOn) ranges[ranges.length - 1] = { ...last, lastId: vlan.lastId ?? vlan.id };
    else ranges.push(vlan);
  }
  return ranges;
}

/** The links with what was read of their VLANs. */
export function withVlans(links: readonly Link[], read: readonly DeviceVlans[]): readonly Link[] {
  const byDevice = new Map(read.filter(({ vlans }) => vlans.length > 0).map(({ device, vlans }) => [device, vlans]));
  return links.map((link) => {
    const vlans = byDevice.get(link.name);
    return vlans === undefined ? link : { ...link, vlans };
  });
}
