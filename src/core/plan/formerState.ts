import type { PlanStep } from './plan';
import { ovsPuts, ovsWrites } from './ovsFormerState';
import { script } from './planParts';

/*
 * What is changed or deleted is written down first, on its own host, as a folder of the plan's: the plan can then be undone to the last setting by any process and from any machine. The folder
 * is in a file system that a restart empties, as it undoes the plan.
 */

type KeptLinux = 'bridge-delete' | 'port-remove' | 'vlan';
export type KeptKind = KeptLinux | keyof typeof ovsWrites;

export const noteFolder = (id: string): string => `/run/netns-explorer/${id}`;

/** Settable files of a port, net/bridge/br_sysfs_if.c. */
const portSettings = 'path_cost priority hairpin_mode bpdu_guard root_block learning unicast_flood multicast_flood broadcast_flood proxyarp proxyarp_wifi multicast_fast_leave multicast_to_unicast multicast_router group_fwd_mask neigh_suppress isolated backup_port';
/** Settable files of a bridge, net/bridge/br_sysfs_br.c. */
const bridgeSettings =
  'forward_delay hello_time max_age ageing_time priority stp_state group_fwd_mask group_addr no_linklocal_learn vlan_protocol vlan_stats_enabled vlan_stats_per_port default_pvid vlan_filtering multicast_router multicast_snooping multicast_query_use_ifaddr multicast_querier multicast_hash_max multicast_last_member_count multicast_startup_query_count multicast_last_member_interval multicast_membership_interval multicast_querier_interval multicast_query_interval multicast_query_response_interval multicast_startup_query_interval multicast_stats_enabled multicast_igmp_version multicast_mld_version nf_call_iptables nf_call_ip6tables nf_call_arptables';

/** VLANs of the device $d as "VID FLAGS", a line each; `bridge vlan show` has the device's name before the first. Without the program: nothing is known. */
const vlansOf = 'vlans() { bridge vlan show dev "$d" 2>/dev/null | tail -n +2 | sed "s/^[^[:space:]]*[[:space:]]*//" | grep "^[0-9]"; :; }';
const keepFiles = 'keep() { for f in "$@"; do [ -f "$f" ] && v=$(cat "$f" 2>/dev/null) && printf "%s %s\\n" "$f" "$v"; done; :; }';
const putFiles = 'put() { while read -r f v; do [ "$(cat "$f" 2>/dev/null)" = "$v" ] || { echo "$v" > "$f"; } 2>/dev/null || { echo "$f could not be set to $v again" >&2; bad=1; }; done < "$1"; }';
const putVlans = [
  'putVlans() {',
  '  [ -e "$n/vlans" ] || return 0',
  '  vlans | while read -r v x; do grep -qE "^$v( |\\$)" "$n/vlans" || bridge vlan del dev "$d" vid "$v" $1 || exit 1; done || return 1',
  '  while read -r v x; do p=; u=; case $x in *PVID*) p=pvid ;; esac; case $x in *Untagged*) u=untagged ;; esac; bridge vlan add dev "$d" vid "$v" $p $u $1 || return 1; done < "$n/vlans"',
  '}',
].join('\n');

/** $1 the folder, $2 the device, $3 the kind, $4 what is made of it (for a VLAN: its number). The folder appears when it is whole. */
const begin = ['n=$1; d=$2; s=/sys/class/net/$2; t=$n.new', keepFiles, vlansOf, 'rm -rf "$t"; mkdir -p "$t" || exit 1', 'write() {', 'printf %s "$d" > "$t/device" && echo "$3" > "$t/kind" || return 1'];
const keepVlans = 'if command -v bridge >/dev/null; then vlans > "$t/vlans" || return 1; fi';
const end = ['}', 'write "$@" && rm -rf "$n" && mv "$t" "$n" && exit 0', 'rm -rf "$t"; rmdir "${n%/*}" 2>/dev/null; exit 1'];
const port = `basename "$(readlink "$s/master")" > "$t/master" && keep $(for f in ${portSettings}; do echo "$s/brport/$f"; done) > "$t/settings"`;
const writes: Readonly<Record<KeptKind, string>> = {
  ...ovsWrites,
  vlan: `${keepVlans}\necho "$4" > "$t/made"`,
  'port-remove': `${keepVlans}\n${port}`,
  'bridge-delete': [
    keepVlans,
    'cat "$s/ifindex" "$s/address" "$s/mtu" "$s/flags" > "$t/link" && cat "$s/ifalias" > "$t/alias" || return 1',
    // A device's own secret for its addresses is not read.
    `keep $(for f in ${bridgeSettings}; do echo "$s/bridge/$f"; done; for f in "/proc/sys/net/ipv4/conf/$d"/* "/proc/sys/net/ipv6/conf/$d"/*; do case $f in */stable_secret) ;; *) echo "$f" ;; esac; done) > "$t/settings"`,
    // Routes as text: as they are saved, the kernel takes none back that is down now (fib_table_insert). Those of the kernel's own come with the addresses; what has a gateway comes after what leads to it.
    'ip addr save dev "$d" > "$t/addresses" && for o in -4 -6; do ip $o route show table all dev "$d" > "$t/all" || return 1; { grep -v " via " "$t/all"; grep " via " "$t/all"; } | grep -v "proto kernel" | sed "s/ linkdown//g; s/ dead//g; s/^/$o /"; done > "$t/routes"; rm -f "$t/all"',
  ].join('\n'),
};

/** Ends with `bad` where something did not come back: then the folder stays. */
const puts: Readonly<Record<KeptKind, string>> = {
  ...ovsPuts,
  vlan: [
    'u=$(vlans | sed -n "s/ PVID.*//p"); f=$(sed -n "s/ PVID.*//p" "$n/vlans")',
    // Another plan has given it another one since: that one is undone first.
    '[ ! -e "$n/made" ] || [ -z "$u" ] || [ "$u" = "$f" ] || [ "$u" = "$(cat "$n/made")" ] || { echo "$d has VLAN $u untagged by now: undo first what gave it that" >&2; exit 1; }',
    'putVlans || bad=1',
  ].join('\n'),
  'port-remove': 'if [ ! -e "/sys/class/net/$d/master" ]; then ip link set dev "$d" master "$(cat "$n/master")" && put "$n/settings" && putVlans || bad=1; fi',
  'bridge-delete': [
    '{ read -r i; read -r m; read -r u; read -r g; } < "$n/link" || exit 1',
    // Zeros are what a bridge has once its last port has left it, and what none can be given: it gets one of its own.
    'a="address $m"; [ "$m" != 00:00:00:00:00:00 ] || a=; if [ ! -e "/sys/class/net/$d" ]; then ip link add name "$d" index "$i" $a mtu "$u" type bridge || exit 1; fi',
    '[ "$(cat "/sys/class/net/$d/ifindex")" = "$i" ] || { echo "there is another device $d by now; what the former one was is in $n" >&2; exit 1; }',
    'a=$(cat "$n/alias"); [ -z "$a" ] || ip link set dev "$d" alias "$a" || exit 1',
    'put "$n/settings"; putVlans self || bad=1',
    '[ $((g & 1)) = 0 ] || ip link set dev "$d" up || exit 1',
    'ip addr restore < "$n/addresses" || bad=1',
    'while read -r o r; do ip "$o" route replace $r dev "$d" || bad=1; done < "$n/routes"',
  ].join('\n'),
};

/** What did not come back whole stays written down. */
const forget = '[ ! -e "$1/failed" ] || { echo "what was there before is in $1" >&2; exit 1; }; rm -rf "$1"; rmdir "${1%/*}" 2>/dev/null; :';

/** The first step of a plan that changes or deletes what is there. @param made for a VLAN: the one that it gives */
export function keepStep(hostId: string, id: string, kind: KeptKind, device: string, made = ''): PlanStep {
  return {
    hostId,
    what: `write down what ${device} is, in ${noteFolder(id)}`,
    argv: script([...begin, writes[kind], ...end].join('\n'), noteFolder(id), device, kind, made),
    undo: script(forget, noteFolder(id)),
    done: script('[ -e "$1/kind" ]', noteFolder(id)),
  };
}

function putText(kind: KeptKind): string {
  return ['n=$1; bad=0; d=$(cat "$n/device") && : > "$n/failed" || exit 1', vlansOf, putFiles, putVlans, puts[kind], '[ "$bad" = 0 ] && rm -f "$n/failed" || exit 1'].join('\n');
}

/** As it was written down. */
export function putBack(id: string, kind: KeptKind): PlanStep['undo'] {
  return script(putText(kind), noteFolder(id));
}

/** For who knows only the plan's id: puts back what it changed or deleted on a host. */
export function putBackSteps(hostId: string, id: string): PlanStep[] {
  const whats: Readonly<Record<KeptKind, string>> = {
    'bridge-delete': 'the deletion of a bridge',
    'port-remove': 'the removal of a port',
    vlan: 'the VLAN of a port',
    'ovs-bridge-delete': 'the deletion of a bridge of Open vSwitch',
    'ovs-port-remove': 'the removal of a port of Open vSwitch',
  };
  return (Object.keys(whats) as KeptKind[]).map((kind) => ({
    hostId,
    what: whats[kind],
    argv: ['true'],
    undo: script(`${putText(kind)}\n${forget}`, noteFolder(id)),
    done: script('[ "$(cat "$1/kind" 2>/dev/null)" = "$2" ]', noteFolder(id), kind),
  }));
}
