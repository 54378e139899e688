/*
 * Shell for formerState.ts: writes down a bridge or port of Open vSwitch ($d) in the folder $t, and makes it again from the folder $n. Lines of COLUMN=VALUE, as `ovs-vsctl get` prints values
 * and `set` takes them (ovs-vsctl(8)). What is read-only, or a reference to a record that only this one holds, is not among the columns.
 */

const bridgeColumns = 'datapath_type external_ids fail_mode flood_vlans mcast_snooping_enable other_config protocols rstp_enable stp_enable';
const portColumns = 'bond_downdelay bond_fake_iface bond_updelay cvlans external_ids lacp mac other_config protected rstp_statistics tag trunks vlan_mode';
const interfaceColumns = 'type options bfd cfm_mpid external_ids ingress_policing_burst ingress_policing_kpkts_burst ingress_policing_kpkts_rate ingress_policing_rate lldp mac mtu_request ofport_request other_config';

/** A column that this version lacks is passed over. */
const columns = 'columns() { k=$1; shift; for c in "$@"; do v=$(ovs-vsctl --timeout=5 get "$k" "$d" "$c" 2>/dev/null) && printf "%s=%s\\n" "$c" "$v"; done; :; }';

export const ovsWrites = {
  'ovs-port-remove': [
    columns,
    'ovs-vsctl --timeout=5 get Port "$d" _uuid > "$t/uuid" && ovs-vsctl --timeout=5 port-to-br "$d" > "$t/switch" && ovs-vsctl --timeout=5 get Interface "$d" ofport > "$t/ofport" || return 1',
    `columns Port ${portColumns} > "$t/port"; columns Interface ${interfaceColumns} > "$t/interface"`,
  ].join('\n'),
  'ovs-bridge-delete': [
    columns,
    'ovs-vsctl --timeout=5 get Bridge "$d" _uuid > "$t/uuid" && cat "$s/address" "$s/flags" > "$t/link" || return 1',
    `columns Bridge ${bridgeColumns} > "$t/bridge"; columns Port ${portColumns} > "$t/port"; columns Interface ${interfaceColumns} > "$t/interface"`,
    // Link-local addresses and routes of the kernel's own come by themselves.
    'ip -o addr show dev "$d" scope global | while read -r i n f a b c r; do [ "$b" != brd ] || a="$a brd $c"; echo "$a"; done > "$t/addresses"',
    'for o in -4 -6; do ip $o route show table all dev "$d" | grep -v "proto kernel" | sed "s/ linkdown//g; s/ dead//g; s/^/$o /"; done > "$t/all"; { grep -v " via " "$t/all"; grep " via " "$t/all"; } > "$t/routes"; rm -f "$t/all"; :',
  ].join('\n'),
} as const;

/** Appends the lines of a file to the arguments; a function of its own, since the script's own arguments are still needed. */
const make = [
  'make() {',
  '  if [ -e "$n/bridge" ]; then',
  '    read -r m < "$n/link"; set -- add-br "$d" -- set Bridge "$d"',
  '    while IFS= read -r l; do set -- "$@" "$l"; done < "$n/bridge"',
  '    grep -q "hwaddr=" "$n/bridge" || set -- "$@" "other_config:hwaddr=\\"$m\\""',
  '  else',
  '    set -- add-port "$(cat "$n/switch")" "$d"',
  '  fi',
  '  set -- "$@" -- set Port "$d"; while IFS= read -r l; do set -- "$@" "$l"; done < "$n/port"',
  '  set -- "$@" -- set Interface "$d"; while IFS= read -r l; do set -- "$@" "$l"; done < "$n/interface"',
  // The number that flows name it by; asked for until it is given.
  '  o=; [ ! -e "$n/ofport" ] || o=$(cat "$n/ofport"); case $o in [1-9]*) set -- "$@" "ofport_request=$o" ;; *) o= ;; esac',
  '  ovs-vsctl --timeout=10 "$@" || return 1',
  '  [ -z "$o" ] || ovs-vsctl --timeout=10 set Interface "$d" "$(grep "^ofport_request=" "$n/interface")"',
  '}',
].join('\n');

export const ovsPuts: Readonly<Record<keyof typeof ovsWrites, string>> = {
  'ovs-port-remove': `${make}\novs-vsctl --timeout=5 port-to-br "$d" >/dev/null 2>&1 || make || bad=1`,
  'ovs-bridge-delete': [
    make,
    'ovs-vsctl --timeout=5 br-exists "$d" || make || exit 1',
    '{ read -r m; read -r g; } < "$n/link" || exit 1',
    '[ $((g & 1)) = 0 ] || ip link set dev "$d" up || exit 1',
    'while read -r a; do ip -o addr show dev "$d" | grep -qF " $a " || ip addr add $a dev "$d" || bad=1; done < "$n/addresses"',
    'while read -r o r; do ip "$o" route replace $r dev "$d" || bad=1; done < "$n/routes"',
  ].join('\n'),
};
