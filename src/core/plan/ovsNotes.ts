import type { HostId } from '../model/address';
import type { PlanStep } from './plan';
import { script } from './planParts';

/*
 * What a plan changes on an Open vSwitch bridge that was there before is written down first, on the bridge itself (ovs-vswitchd.conf.db(5), Bridge, external_ids): its undo, from any
 * process and machine, brings back what was, and leaves alone what somebody else had done already. Plans on one bridge are undone last first.
 */

type Noted = 'mtu' | 'up' | 'address' | 'under';

const keyOf = (noted: Noted, id: string): string => `netns-explorer-${noted}-${id}`;

/** Positional parameters of all scripts: $1 the bridge, $2 the note's key; then what is asked for. */
const note = 'ovs-vsctl --timeout=10 set Bridge "$1" "external_ids:$2=$f"';
const isNoted = '[ -n "$(ovs-vsctl --timeout=5 br-get-external-id "$1" "$2" 2>/dev/null)" ]';
const read = 'f=$(ovs-vsctl --timeout=5 br-get-external-id "$1" "$2") || return 1';
const forget = 'ovs-vsctl --timeout=10 remove Bridge "$1" external_ids "$2"';

/** What was there is `none` or `new` where it was nothing: OVSDB has no empty value that a script could tell from no value. */
const does: Readonly<Record<Noted, string>> = {
  mtu: `f=$(ovs-vsctl --timeout=5 get Interface "$1" mtu_request) || exit 1; [ "$f" != "[]" ] || f=none; ${note} -- set Interface "$1" "mtu_request=$3"`,
  up: `f=down; [ -z "$(ip -o link show up dev "$1")" ] || f=up; ${note} && ip link set dev "$1" up`,
  // Whose address it was is seen by there being no device in the note.
  address: `f=$3@$4; ! ip -o addr show dev "$4" | grep -qF " $3 " || f=there; ${note} && { [ "$f" = there ] || ip addr add "$3" dev "$4"; }`,
  under: `f=none; [ ! -e "/sys/class/net/$1/master" ] || f=there; ${note} && ip link set dev "$1" master "$3"`,
};

/** Functions: they end with 0 where all is as it was, and may be run again where a connection was lost midway. */
const puts: Readonly<Record<Noted, string>> = {
  mtu: `${read}; if [ "$f" = none ]; then ovs-vsctl --timeout=10 clear Interface "$1" mtu_request -- remove Bridge "$1" external_ids "$2"; else ovs-vsctl --timeout=10 set Interface "$1" "mtu_request=$f" -- remove Bridge "$1" external_ids "$2"; fi`,
  up: `${read}; [ "$f" != down ] || ip link set dev "$1" down || return 1; ${forget}`,
  address: `${read}; case $f in *@*) ! ip -o addr show dev "\${f#*@}" 2>/dev/null | grep -qF " \${f%%@*} " || ip addr del "\${f%%@*}" dev "\${f#*@}" || return 1 ;; esac; ${forget}`,
  under: `${read}; [ "$f" != none ] || ip link set dev "$1" nomaster || return 1; ${forget}`,
};

const back = (noted: Noted): string => `back() { ${puts[noted]}; }`;

function notedStep(noted: Noted, what: string, hostId: HostId, id: string, bridge: string, ...asked: readonly string[]): PlanStep {
  const values = [bridge, keyOf(noted, id)] as const;
  return { hostId, what, argv: script(does[noted], ...values, ...asked), undo: script(`${back(noted)}; back "$@"`, ...values), done: script(isNoted, ...values) };
}

/** @param mtuBytes for the bridge's own port */
export function notedMtuStep(hostId: HostId, id: string, bridge: string, mtuBytes: number): PlanStep {
  return notedStep('mtu', `give ${bridge} an MTU of ${String(mtuBytes)}, the former one noted`, hostId, id, bridge, String(mtuBytes));
}

export function notedUpStep(hostId: HostId, id: string, bridge: string): PlanStep {
  return notedStep('up', `set ${bridge} up, noted whether it was`, hostId, id, bridge);
}

/** @param device that gets the address: the bridge, or the one above it */
export function notedAddressStep(hostId: HostId, id: string, bridge: string, prefix: string, device: string): PlanStep {
  return notedStep('address', `give ${device} ${prefix}, noted whether it had it`, hostId, id, bridge, prefix, device);
}

export function notedUnderStep(hostId: HostId, id: string, bridge: string, under: string): PlanStep {
  return notedStep('under', `make ${bridge} a port of ${under}, noted whether it was`, hostId, id, bridge, under);
}

/** For who knows only the plan's id: puts back what it changed on bridges that were there. */
export function notedSteps(hostId: HostId, id: string): PlanStep[] {
  const bridges = 'command -v ovs-vsctl >/dev/null || exit 1; bridges=$(ovs-vsctl --timeout=5 list-br 2>/dev/null) || exit 1';
  const whats = { under: 'the place of a switch below a bridge', mtu: 'the MTU of a switch', address: 'the address on a switch', up: 'the state of a switch' } as const;
  return (['under', 'mtu', 'address', 'up'] as const).map((noted) => ({
    hostId,
    what: whats[noted],
    argv: ['true'],
    undo: script(`${bridges}; ${back(noted)}; for b in $bridges; do set -- "$b" "$2"; ! ${isNoted} || back "$@" || exit 1; done`, '', keyOf(noted, id)),
    done: script(`${bridges}; for b in $bridges; do set -- "$b" "$2"; ! ${isNoted} || exit 0; done; exit 1`, '', keyOf(noted, id)),
  }));
}

/** On the port itself (ovs-vswitchd.conf.db(5), Port, external_ids), as FORMER-NEW: $1 the port, $2 the key, $3 the tag. */
const tagBack = [
  'back() {',
  '  f=$(ovs-vsctl --timeout=5 --if-exists get Port "$1" "external_ids:$2" 2>/dev/null | tr -d \'"\'); [ -n "$f" ] || return 1',
  '  t=$(ovs-vsctl --timeout=5 get Port "$1" tag); [ "$t" = "${f#*-}" ] || { echo "$1 has the tag $t by now: undo first what gave it that" >&2; return 1; }',
  '  case $f in none-*) ovs-vsctl --timeout=10 clear Port "$1" tag -- remove Port "$1" external_ids "$2" ;; *) ovs-vsctl --timeout=10 set Port "$1" "tag=${f%-*}" -- remove Port "$1" external_ids "$2" ;; esac',
  '}',
].join('\n');
const tagKey = (id: string): string => `netns-explorer-tag-${id}`;
const isTagNoted = 'ovs-vsctl --timeout=5 get Port "$1" "external_ids:$2" >/dev/null 2>&1';

export function notedTagStep(hostId: HostId, id: string, port: string, vlan: number): PlanStep {
  const values = [port, tagKey(id), String(vlan)] as const;
  return {
    hostId,
    what: `give ${port} the tag ${String(vlan)}, the former one noted`,
    argv: script('f=$(ovs-vsctl --timeout=5 get Port "$1" tag) || exit 1; [ "$f" != "[]" ] || f=none; ovs-vsctl --timeout=10 set Port "$1" "tag=$3" "external_ids:$2=$f-$3"', ...values),
    undo: script(`${tagBack}\nback "$@"`, ...values),
    done: script(`[ "$(ovs-vsctl --timeout=5 get Port "$1" tag 2>/dev/null)" = "$3" ] && ${isTagNoted}`, ...values),
    made: script(isTagNoted, ...values),
  };
}

/** For who knows only the plan's id: gives ports back the tags that it changed. */
export function notedTagSteps(hostId: HostId, id: string): PlanStep[] {
  const ports = `command -v ovs-vsctl >/dev/null || exit 1; ports=$(ovs-vsctl --timeout=5 --bare --columns=name find Port "external_ids:$1!=\\"\\"" 2>/dev/null) || exit 1; [ -n "$ports" ] || exit 1`;
  return [{ hostId, what: 'the tag of a port', argv: ['true'], undo: script(`${ports}\n${tagBack}\nfor p in $ports; do back "$p" "$1" || exit 1; done`, tagKey(id)), done: script(ports, tagKey(id)) }];
}
