import type { HostId } from '../model/address';
import type { Argv, PlanStep, Precondition } from './plan';
import type { ReachedNamespace } from './planHosts';
import { script } from './planParts';

/*
 * The steps that every plan with a network device is made of, each with its undo and with how it is seen to be done.
 */

/** Whose device it is: the host's own, or one of a namespace that commands enter first. */
export interface StepPlace {
  readonly hostId: HostId;
  readonly run: (...argv: Argv) => Argv;
  readonly script: (text: string, ...values: readonly string[]) => Argv;
  readonly inside: boolean;
}

export const onHost = (hostId: HostId): StepPlace => ({ hostId, run: (...argv) => argv, script, inside: false });

export const inNamespace = (hostId: HostId, { run, script: within }: ReachedNamespace): StepPlace => ({ hostId, run, script: within, inside: true });

export function stepOf(hostId: HostId) {
  return (what: string, argv: Argv, undo: Argv, done: Argv): PlanStep => ({ hostId, what, argv, undo, done });
}

/** Whether a device has the mark: /sys shows the namespace that mounted it, so that inside another one ip asks the kernel. */
const hasMark = { host: '[ "$(cat "/sys/class/net/$1/ifalias" 2>/dev/null)" = "$2" ]', namespace: 'ip link show dev "$1" 2>/dev/null | grep -qF "alias $2"' };

export function markStep(place: StepPlace, device: string, mark: string): PlanStep {
  const alias = (text: string): Argv => place.run('ip', 'link', 'set', 'dev', device, 'alias', text);
  return stepOf(place.hostId)(`mark ${device} as this plan's`, alias(mark), alias(''), place.script(place.inside ? hasMark.namespace : hasMark.host, device, mark));
}

/** @param address with its prefix length */
export function addressStep(place: StepPlace, device: string, address: string): PlanStep {
  const change = (verb: string): Argv => place.run('ip', 'addr', verb, address, 'dev', device);
  return stepOf(place.hostId)(`give ${device} ${address}`, change('add'), change('del'), place.script('ip -o addr show dev "$1" 2>/dev/null | grep -qF " $2 "', device, address));
}

export function upStep(place: StepPlace, device: string): PlanStep {
  const set = (state: string): Argv => place.run('ip', 'link', 'set', 'dev', device, state);
  return stepOf(place.hostId)(`set ${device} up`, set('up'), set('down'), place.script('[ -n "$(ip -o link show up dev "$1" 2>/dev/null)" ]', device));
}

/** For devices of the host itself. */
export function masterStep(hostId: HostId, device: string, bridge: string): PlanStep {
  return stepOf(hostId)(
    `make ${device} a port of ${bridge}`,
    ['ip', 'link', 'set', 'dev', device, 'master', bridge],
    ['ip', 'link', 'set', 'dev', device, 'nomaster'],
    script('[ "$(basename "$(readlink "/sys/class/net/$1/master")" 2>/dev/null)" = "$2" ]', device, bridge),
  );
}

/** Free on the host itself, or taken by what the plan made there. */
export function nameFree(hostId: HostId, label: string, device: string, mark: string, choose: string): Precondition {
  return {
    hostId,
    what: `the name ${device} is free`,
    argv: script('[ ! -e "/sys/class/net/$1" ] || [ "$(cat "/sys/class/net/$1/ifalias")" = "$2" ]', device, mark),
    mend: `${label} has a device ${device} that is not this plan's. ${choose}`,
  };
}

/** A port's VLAN as its untagged one: what `bridge vlan show` says of it. $1 the device, $2 the VLAN, or several with "|" between them. */
export const hasUntagged = 'bridge vlan show dev "$1" 2>/dev/null | grep -qE "(^|[[:space:]])($2) PVID Egress Untagged"';
