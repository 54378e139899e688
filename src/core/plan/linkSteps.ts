import type { HostId } from '../model/address';
import type { Argv, PlanStep, Precondition } from './plan';
import type { ReachedNamespace } from './planHosts';
import { script } from './planParts';

/*
 * The steps that every plan with a network device is made of, each with its undo and with how it is seen to be done.
 */

/** Whose device it is, and how it is seen that the plan made it. */
export interface StepPlace {
  readonly hostId: HostId;
  readonly run: (...argv: Argv) => Argv;
  readonly script: (text: string, ...values: readonly string[]) => Argv;
  /** What the device carries where it is the plan's: only then is it changed back. Absent: it was there before. */
  readonly mark?: string;
  /** Holds where the device $1 has the mark $3. */
  readonly hasMark: string;
}

/** A device of the host itself. */
export const onHost = (hostId: HostId, mark?: string): StepPlace => ({ hostId, run: (...argv) => argv, script, ...(mark !== undefined && { mark }), hasMark: '[ "$(cat "/sys/class/net/$1/ifalias" 2>/dev/null)" = "$3" ]' });

/** /sys shows the namespace that mounted it, so that inside another one ip asks the kernel. */
export const inNamespace = (hostId: HostId, { run, script: within }: ReachedNamespace, mark: string): StepPlace => ({ hostId, run, script: within, mark, hasMark: 'ip link show dev "$1" 2>/dev/null | grep -qF "alias $3"' });

/** A bridge of Open vSwitch that the plan makes, by its device. @param id the plan's */
export const onSwitch = (hostId: HostId, id: string): StepPlace => ({ ...onHost(hostId, id), hasMark: '[ "$(ovs-vsctl --timeout=5 br-get-external-id "$1" netns-explorer 2>/dev/null)" = "$3" ]' });

export function stepOf(hostId: HostId) {
  return (what: string, argv: Argv, undo: Argv, done: Argv): PlanStep => ({ hostId, what, argv, undo, done });
}

/** @param test $1 is the device, $2 the value, $3 the mark, and from $4 on what else is asked for */
export function ownScript(place: StepPlace, test: string, device: string, value = '', ...more: readonly string[]): Argv {
  return place.script(place.mark === undefined ? test : `${place.hasMark} && ${test}`, device, value, place.mark ?? '', ...more);
}

/** For a place with a mark. */
export function markStep(place: StepPlace, device: string): PlanStep {
  const { mark = '' } = place;
  const alias = (text: string): Argv => place.run('ip', 'link', 'set', 'dev', device, 'alias', text);
  return stepOf(place.hostId)(`mark ${device} as this plan's`, alias(mark), alias(''), place.script(place.hasMark, device, '', mark));
}

/** @param address with its prefix length */
export function addressStep(place: StepPlace, device: string, address: string): PlanStep {
  const change = (verb: string): Argv => place.run('ip', 'addr', verb, address, 'dev', device);
  return stepOf(place.hostId)(`give ${device} ${address}`, change('add'), change('del'), ownScript(place, 'ip -o addr show dev "$1" 2>/dev/null | grep -qF " $2 "', device, address));
}

export function upStep(place: StepPlace, device: string): PlanStep {
  const set = (state: string): Argv => place.run('ip', 'link', 'set', 'dev', device, state);
  return stepOf(place.hostId)(`set ${device} up`, set('up'), set('down'), ownScript(place, '[ -n "$(ip -o link show up dev "$1" 2>/dev/null)" ]', device));
}

/** @param via absent: the device itself leads there */
export function routeStep(place: StepPlace, device: string, network: string, via: string | undefined): PlanStep {
  const change = (verb: string): Argv => place.run('ip', 'route', verb, network, ...(via === undefined ? [] : ['via', via]), 'dev', device);
  return stepOf(place.hostId)(`send ${network === 'default' ? 'the rest' : network} ${via === undefined ? 'through it' : `by ${via}`}`, change('add'), change('del'), via === undefined ? ownScript(place, '[ -n "$(ip -4 route show exact "$2" dev "$1" 2>/dev/null)" ]', device, network) : ownScript(place, '[ -n "$(ip -4 route show exact "$2" via "$4" dev "$1" 2>/dev/null)" ]', device, network, via));
}

/** For devices of the host itself. */
export function masterStep(place: StepPlace, device: string, bridge: string): PlanStep {
  return stepOf(place.hostId)(
    `make ${device} a port of ${bridge}`,
    ['ip', 'link', 'set', 'dev', device, 'master', bridge],
    ['ip', 'link', 'set', 'dev', device, 'nomaster'],
    ownScript(place, '[ "$(basename "$(readlink "/sys/class/net/$1/master")" 2>/dev/null)" = "$2" ]', device, bridge),
  );
}

/** Free on the host itself, or taken by what the plan made there. */
export function nameFree(hostId: HostId, label: string, device: string, mark: string, choose: string): Precondition {
  return {
    hostId,
    what: `the name ${device} is free`,
    argv: script('[ -e "/sys/class/net/$1" ] || exit 0; a=$(cat "/sys/class/net/$1/ifalias"); [ "$a" = "$2" ] && exit 0; case $a in "netns-explorer "*) echo "It is of plan ${a#* }: plan remove --id ${a#* } takes it away." ;; esac; exit 1', device, mark),
    mend: `${label} has a device ${device} that is not this plan's. ${choose}`,
  };
}

/** A port's VLAN as its untagged one: what `bridge vlan show` says of it. $1 the device, $2 the VLAN, or several with "|" between them. */
export const hasUntagged = 'bridge vlan show dev "$1" 2>/dev/null | grep -qE "(^|[[:space:]])($2) PVID Egress Untagged"';
