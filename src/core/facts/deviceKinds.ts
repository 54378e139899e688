import type { DeviceFacts } from '../model/link';
import { present } from './record';

/** IFLA_INFO_DATA as a tool printed it, of which nothing is certain. Several names: JSON's, then the text's where that differs. */
export interface DeviceFields {
  text(...names: string[]): string | undefined;
  number(...names: string[]): number | undefined;
  flag(...names: string[]): boolean | undefined;
}

type Read = (fields: DeviceFields) => DeviceFacts;

const tunnel: Read = (fields) => ({
  tunnel: present<NonNullable<DeviceFacts['tunnel']>>({
    local: address(fields.text('local')),
    remote: address(fields.text('remote', 'remote6')),
    id: fields.number('id'),
    port: fields.number('port', 'dstport'),
    ttl: fields.number('ttl', 'hoplimit') ?? 0,
    inputKey: fields.text('ikey'),
    outputKey: fields.text('okey'),
    device: fields.text('link', 'dev'),
    erspanVersion: fields.number('erspan_ver'),
    external: fields.flag('external') === true ? true : undefined,
  }),
});

const ipvlanFlags = ['bridge', 'private', 'vepa'];

const ipvlan: Read = (fields) => {
  // A lone word in the text, and a member of that name in JSON (print_bool_opt in iproute2's ip/iplink_ipvlan.c).
  const flag = ipvlanFlags.filter((name) => fields.flag(name) === true)[0];
  return { ipvlan: { mode: fields.text('mode') ?? 'unknown', ...(flag !== undefined && { flag }) } };
};

const macvlan: Read = (fields) => ({ macvlan: { mode: fields.text('mode') ?? 'unknown' } });

/** By IFLA_INFO_KIND. The names are those of the `print_opt` functions in iproute2's ip/iplink_*.c and ip/link_*.c. */
const readers: Readonly<Record<string, Read>> = {
  vlan: (fields) => ({ vlan: { id: fields.number('id') ?? 0, protocol: fields.text('protocol') ?? '802.1Q' } }),
  bond: (fields) => ({
    bond: present<NonNullable<DeviceFacts['bond']>>({
      mode: fields.text('mode') ?? 'unknown',
      activePort: fields.text('active_slave'),
      primary: fields.text('primary'),
      miiMonitorMs: fields.number('miimon'),
      hashPolicy: fields.text('xmit_hash_policy'),
      lacpRate: fields.text('ad_lacp_rate', 'lacp_rate'),
    }),
  }),
  gre: tunnel,
  gretap: tunnel,
  ip6gre: tunnel,
  ip6gretap: tunnel,
  erspan: tunnel,
  ip6erspan: tunnel,
  ipip: tunnel,
  sit: tunnel,
  ip6tnl: tunnel,
  vti: tunnel,
  vti6: tunnel,
  geneve: tunnel,
  ipvlan,
  ipvtap: ipvlan,
  macvlan,
  macvtap: macvlan,
  tun: (fields) => ({
    tun: present<NonNullable<DeviceFacts['tun']>>({
      layer: fields.text('type') === 'tap' ? 'tap' : 'tun',
      persistent: fields.flag('persist') ?? false,
      user: fields.text('user'),
      group: fields.text('group'),
    }),
  }),
  vrf: (fields) => ({ vrf: { table: fields.text('table') ?? String(fields.number('table') ?? '') } }),
  xfrm: (fields) => ({ xfrm: present<NonNullable<DeviceFacts['xfrm']>>({ interfaceId: fields.text('if_id'), device: fields.text('link', 'dev') }) }),
};

/** The facts of a kind that has a shape; undefined for the others, whose data is kept as it was printed. */
export function readDevice(kind: string | undefined, fields: DeviceFields): DeviceFacts | undefined {
  return kind !== undefined && Object.hasOwn(readers, kind) ? readers[kind]?.(fields) : undefined;
}

/** "any" is what the tool prints for an address that is not set. */
function address(text: string | undefined): string | undefined {
  return text === 'any' ? undefined : text;
}
