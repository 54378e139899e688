import type { DumpCommand } from './dumpCommand';
import { openvswitch } from './dumpOvs';
import { cgroupsOfListeners, conntrackSummary, offloads, unusualSysctls, weave, wireguard } from './dumpTexts';

/*
 * What can be dumped of a namespace. Every command reads, and none changes anything:
 * - `iptables-save`, not `iptables -S`: listing through the nft back end makes the built-in tables and chains that are missing
 *   (nft_xt_builtin_init in iptables 1.8.0 to 1.8.4), and the legacy one registers each table that it is asked for in that namespace.
 *   `iptables-save` prints what is registered, and takes no /run/xtables.lock.
 * - `nft`, the nft flavour of `iptables-save` and `conntrack` make the kernel load nf_tables or nf_conntrack at the first netlink message; they run
 *   only where the kernel has these already (a symbol of theirs is in /proc/kallsyms). Without them there is nothing to show.
 * - `ip xfrm` makes the kernel load xfrm_user, `wg` wireguard, `ipvsadm` ip_vs: they, too, run only where these are. (/proc/net/ip_vs is there with ip_vs.)
 * - `ip xfrm state` prints keys unless told `nokeys` (iproute2 4.19 and newer; an older one takes the word for a fault and lists nothing). `wg show DEVICE` and
 *   `wg show DEVICE dump` print keys or their place: each public fact is asked for by its name instead.
 * - `ovs-vsctl show` prints the keys of IPsec tunnels (option `psk`): these are left out. What it says is the host's, whatever the namespace.
 * - `ss` may load inet_diag and its families, `conntrack` nf_conntrack_netlink: these report, and touch no packet. Accepted.
 */

export type DumpId =
  | 'links'
  | 'counters'
  | 'offloads'
  | 'addresses'
  | 'routes'
  | 'neighbours'
  | 'bridges'
  | 'fdb'
  | 'openvswitch'
  | 'weave'
  | 'wireguard'
  | 'xfrm'
  | 'firewall'
  | 'ipvs'
  | 'listening'
  | 'sockets'
  | 'conntrackSummary'
  | 'conntrack'
  | 'sysctls'
  | 'allSysctls';

export interface Dump {
  readonly id: DumpId;
  readonly title: string;
  /** Each is shown before its output. */
  readonly commands: readonly DumpCommand[];
  /** Not a part of a dump of everything: few hosts have what it asks. */
  readonly apart?: true;
}

const notable = [
  'net.ipv4.ip_forward',
  'net.ipv6.conf.all.forwarding',
  'net.ipv4.conf.all.rp_filter',
  'net.ipv4.conf.default.rp_filter',
  'net.ipv4.conf.all.proxy_arp',
  'net.ipv4.conf.default.proxy_arp',
  'net.ipv4.conf.all.route_localnet',
  'net.ipv4.neigh.default.gc_thresh1',
  'net.ipv4.neigh.default.gc_thresh2',
  'net.ipv4.neigh.default.gc_thresh3',
  'net.ipv6.neigh.default.gc_thresh1',
  'net.ipv6.neigh.default.gc_thresh2',
  'net.ipv6.neigh.default.gc_thresh3',
  'net.bridge.bridge-nf-call-iptables',
  'net.bridge.bridge-nf-call-ip6tables',
  'net.bridge.bridge-nf-call-arptables',
  'net.netfilter.nf_conntrack_count',
  'net.netfilter.nf_conntrack_max',
] as const;

export const dumps: readonly Dump[] = [
  {
    id: 'links',
    title: 'Links',
    commands: [{ argv: ['ip', '-d', 'link', 'show'], otherwise: { argv: ['ip', 'link', 'show'], package: 'iproute2' }, package: 'iproute2' }],
  },
  {
    id: 'counters',
    title: 'Interface Counters and Drops',
    commands: [{ argv: ['ip', '-s', '-s', 'link', 'show'], otherwise: { argv: ['cat', '/proc/net/dev'], package: 'coreutils' }, package: 'iproute2' }],
  },
  {
    id: 'offloads',
    title: 'Offloads',
    commands: [offloads],
  },
  {
    id: 'addresses',
    title: 'Addresses',
    commands: [{ argv: ['ip', 'addr', 'show'], package: 'iproute2' }],
  },
  {
    id: 'routes',
    title: 'Routes and Rules',
    commands: [
      { argv: ['ip', 'route', 'show', 'table', 'all'], package: 'iproute2' },
      { argv: ['ip', '-6', 'route', 'show', 'table', 'all'], package: 'iproute2' },
      { argv: ['ip', 'rule', 'show'], package: 'iproute2' },
      { argv: ['ip', '-6', 'rule', 'show'], package: 'iproute2' },
    ],
  },
  {
    id: 'neighbours',
    title: 'Neighbours',
    commands: [{ argv: ['ip', '-d', 'neigh', 'show'], otherwise: { argv: ['ip', 'neigh', 'show'], package: 'iproute2' }, package: 'iproute2' }],
  },
  {
    id: 'bridges',
    title: 'Bridges',
    commands: [
      { argv: ['bridge', '-d', 'link', 'show'], otherwise: { argv: ['brctl', 'show'], package: 'bridge-utils' }, package: 'iproute2' },
      { argv: ['bridge', 'vlan', 'show'], package: 'iproute2' },
    ],
  },
  {
    id: 'fdb',
    title: 'Forwarding Database (FDB)',
    commands: [{ argv: ['bridge', 'fdb', 'show'], package: 'iproute2' }],
  },
  {
    id: 'openvswitch',
    title: 'Open vSwitch',
    commands: openvswitch,
  },
  {
    id: 'weave',
    title: 'Weave Status',
    apart: true,
    commands: weave,
  },
  {
    id: 'wireguard',
    title: 'WireGuard Peers',
    commands: [wireguard],
  },
  {
    id: 'xfrm',
    title: 'IPsec (XFRM) States and Policies',
    commands: [
      {
        argv: ['ip', '-s', 'xfrm', 'state', 'list', 'nokeys'],
        package: 'iproute2',
        needs: 'xfrm_user',
        note: 'The states were not read: without the word "nokeys", which this ip may be too old for (iproute2 4.19 and newer know it), their keys would be printed.',
      },
      { argv: ['ip', '-s', 'xfrm', 'policy', 'list'], package: 'iproute2', needs: 'xfrm_user' },
    ],
  },
  {
    id: 'firewall',
    title: 'Firewall',
    commands: [
      { argv: ['iptables-save', '-c'], package: 'iptables', needs: 'nf_tables-flavour' },
      { argv: ['ip6tables-save', '-c'], package: 'iptables', needs: 'nf_tables-flavour' },
      { argv: ['iptables-legacy-save', '-c'], package: 'iptables', optional: true },
      { argv: ['ip6tables-legacy-save', '-c'], package: 'iptables', optional: true },
      { argv: ['nft', 'list', 'ruleset'], package: 'nftables', needs: 'nf_tables' },
    ],
  },
  {
    id: 'ipvs',
    title: 'IPVS Services',
    commands: [
      { argv: ['ipvsadm', '-L', '-n'], otherwise: { argv: ['cat', '/proc/net/ip_vs'], package: 'coreutils' }, package: 'ipvsadm', needs: 'ip_vs' },
      { argv: ['ipvsadm', '-L', '-n', '--stats'], otherwise: { argv: ['cat', '/proc/net/ip_vs_stats'], package: 'coreutils' }, package: 'ipvsadm', needs: 'ip_vs' },
    ],
  },
  {
    id: 'listening',
    title: 'Listening Sockets',
    commands: [
      { argv: ['ss', '-tulwnp'], otherwise: { argv: ['netstat', '-tulwnp'], package: 'net-tools' }, package: 'iproute2' },
      cgroupsOfListeners,
    ],
  },
  {
    id: 'sockets',
    title: 'Sockets',
    commands: [{ argv: ['ss', '-tuwanp'], otherwise: { argv: ['netstat', '-tuwanp'], package: 'net-tools' }, package: 'iproute2' }],
  },
  {
    id: 'conntrackSummary',
    title: 'Connection Tracking Summary',
    commands: [
      { argv: ['sysctl', '-e', 'net.netfilter.nf_conntrack_count', 'net.netfilter.nf_conntrack_max', 'net.netfilter.nf_conntrack_buckets'], package: 'procps', needs: 'nf_conntrack' },
      conntrackSummary,
    ],
  },
  {
    id: 'conntrack',
    title: 'Connection Tracking',
    commands: [{ argv: ['conntrack', '-L'], otherwise: { argv: ['cat', '/proc/net/nf_conntrack'], package: 'coreutils' }, package: 'conntrack', needs: 'nf_conntrack' }],
  },
  {
    id: 'sysctls',
    title: 'Sysctls',
    commands: [{ argv: ['sysctl', '-e', ...notable], package: 'procps' }, unusualSysctls],
  },
  {
    id: 'allSysctls',
    title: 'All Sysctls of the Network',
    commands: [
      { argv: ['sysctl', '-a', '-r', '^net\\.'], otherwise: { argv: ['grep', '-rs', '', '/proc/sys/net'], package: 'grep' }, package: 'procps' },
    ],
  },
];

export function dumpById(id: DumpId): Dump {
  const dump = dumps.find((each) => each.id === id);
  if (dump === undefined) throw new RangeError(`There is no dump "${id}".`);
  return dump;
}
