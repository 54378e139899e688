import type { Link, LinkAddress, VxlanFacts } from '../model/link';
import { readDevice, type DeviceFields } from './deviceKinds';
import { present, whole } from './record';
import type { TextRecords } from './textRecords';

const header = /^(\d+): (\S+): <([^>]*)> mtu (\d+)(.*)$/;
const linkLayer = /^ {4}link\/(\S+)(?: (\S+))?(?: brd \S+)?(.*)$/;
const address = /^ {4}(inet6?) (\S+?)(?:\/(\d+))?(?: peer \S+?(?:\/(\d+))?)? (.*)$/;
/** Detail lines that do not begin with the kind of device. */
const otherDetail = /^ {4}(?:alias|altname|numtxqueues|promiscuity|vf|RX|TX|addrgenmode|bridge_slave|bond_slave|vrf_slave)\b/;

/**
 * Reads what `ip -d addr show` prints without JSON, and what busybox's `ip addr show` prints, which knows no kinds and no states.
 * Interface names hold no blank, no '/' and no ':' (dev_valid_name), but may hold '@'.
 */
export function readLinksText(text: string): TextRecords<Link> {
  const records: Link[] = [];
  let whole = true;
  for (const block of text.split(/^(?=\d+: )/m)) {
    if (block.trim() === '') continue;
    const link = readBlock(block.split('\n'));
    if (link) records.push(link);
    else whole = false;
  }
  return { records, whole };
}

function readBlock(lines: readonly string[]): Link | undefined {
  const head = header.exec(lines[0] ?? '');
  const ifindex = whole(Number(head?.[1]));
  if (ifindex === undefined || head?.[2] === undefined) return undefined;
  const named = splitPeer(head[2]);
  const after = words(head[5] ?? '');
  const flags = (head[3] ?? '').split(',').filter((flag) => flag !== '');
  let linkType = 'none';
  let mac: string | undefined;
  let layerWords = new Map<string, string>();
  let kind: string | undefined;
  let kindLine = '';
  let portLine: string | undefined;
  const addresses: LinkAddress[] = [];
  for (const line of lines.slice(1)) {
    const layer = linkLayer.exec(line);
    const found = address.exec(line);
    if (layer?.[1] !== undefined) {
      linkType = layer[1];
      mac = layer[2];
      layerWords = words(layer[3] ?? '');
    } else if (found?.[1] !== undefined && found[2] !== undefined) {
      const family = found[1] === 'inet6' ? 'inet6' : 'inet';
      addresses.push({
        family,
        address: found[2],
        prefixLength: whole(Number(found[4] ?? found[3])) ?? (family === 'inet6' ? 128 : 32),
        scope: words(found[5] ?? '').get('scope') ?? 'global',
      });
    } else if (/^ {4}bridge_slave /.test(line)) {
      portLine = line;
    } else if (kind === undefined && /^ {4}[a-z]/.test(line) && !otherDetail.test(line)) {
      kind = /^ {4}(\S+)/.exec(line)?.[1];
      kindLine = line;
    }
  }
  const detail = words(kindLine.replace(/^ {4}\S+/, ''));
  const port = portLine === undefined ? undefined : words(portLine.replace(/^ {4}\S+/, ''));
  const netnsId = layerWords.get('link-netnsid');
  return present<Link>({
    ifindex,
    name: named.name,
    kind,
    linkType,
    mac: mac?.toLowerCase(),
    mtuBytes: whole(Number(head[4])) ?? 0,
    flags,
    // busybox prints no state; RFC 2863 has a word for that.
    operState: after.get('state') ?? 'UNKNOWN',
    master: after.get('master'),
    peerIfindex: named.peerIfindex,
    peerName: named.peerName,
    // "unknown" where the kernel has no number for that namespace.
    linkNetnsId: netnsId === undefined ? undefined : whole(Number(netnsId)),
    addresses,
    bridge:
      kind === 'bridge'
        ? present<NonNullable<Link['bridge']>>({
            stp: detail.get('stp_state') === '1',
            vlanFiltering: detail.get('vlan_filtering') === '1',
            ageingTimeS: hundredths(detail.get('ageing_time')),
            bridgeId: detail.get('bridge_id'),
          })
        : undefined,
    vxlan: kind === 'vxlan' ? readVxlan(detail) : undefined,
    ...(readDevice(kind, fieldsOf(detail)) ?? {}),
    bridgePort: port && {
      state: port.get('state') ?? 'unknown',
      hairpin: port.get('hairpin') === 'on',
      learning: port.get('learning') === 'on',
      flood: port.get('flood') === 'on',
    },
  });
}

/** Seconds. */
function hundredths(text: string | undefined): number | undefined {
  const value = text === undefined ? undefined : whole(Number(text));
  return value === undefined ? undefined : value / 100;
}

function readVxlan(detail: ReadonlyMap<string, string>): VxlanFacts {
  const ageing = Number(detail.get('ageing'));
  return present<VxlanFacts>({
    vni: whole(Number(detail.get('id'))) ?? 0,
    port: whole(Number(detail.get('dstport'))) ?? 0,
    local: detail.get('local'),
    remote: detail.get('remote') ?? detail.get('group'),
    device: detail.get('dev'),
    // Only the opposite is printed.
    learning: !detail.has('nolearning'),
    proxy: detail.has('proxy'),
    l2miss: detail.has('l2miss'),
    l3miss: detail.has('l3miss'),
    ageingS: Number.isFinite(ageing) ? ageing : undefined,
  });
}

function fieldsOf(detail: ReadonlyMap<string, string>): DeviceFields {
  const first = (names: readonly string[]): string | undefined => names.map((name) => detail.get(name)).find((value) => value !== undefined);
  return {
    text: (...names) => first(names),
    number: (...names) => {
      const value = Number(first(names) ?? '');
      return Number.isFinite(value) && first(names) !== undefined ? value : undefined;
    },
    // "persist on", or a lone word.
    flag: (...names) => {
      const value = first(names);
      return value === undefined ? undefined : value !== 'off';
    },
  };
}

/** "eth0@if7": the other device is number 7 of another namespace; "eth0.5@eth0": it is here, and called eth0. */
function splitPeer(text: string): { readonly name: string; readonly peerIfindex?: number; readonly peerName?: string } {
  const at = text.lastIndexOf('@');
  if (at <= 0) return { name: text };
  const name = text.slice(0, at);
  const peer = text.slice(at + 1);
  const index = /^if(\d{1,10})$/.exec(peer)?.[1];
  if (index !== undefined) return { name, peerIfindex: Number(index) };
  return peer === 'NONE' ? { name } : { name, peerName: peer };
}

/** Every word with the one that follows it: the tool prints "name value" as well as lone words, and does not tell them apart. */
function words(text: string): Map<string, string> {
  const list = text.split(/\s+/).filter((word) => word !== '');
  const pairs = new Map<string, string>();
  list.forEach((word, at) => {
    if (!pairs.has(word)) pairs.set(word, list[at + 1] ?? '');
  });
  return pairs;
}
