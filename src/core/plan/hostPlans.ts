import type { Topology } from '../model/topology';
import { formatPrefix, overlaps, parsePrefix, type Prefix } from '../model/ipv4';
import { PlanRefused, type Argv, type Plan, type PlanStep } from './plan';
import { noteFolder } from './formerState';
import { outConditions, outSteps, type RuleTool } from './outRules';
import { requireNetwork } from './planAddresses';
import { hash, script } from './planParts';
import { ownName, ownNamesOf, reached, rootOf } from './planHosts';

export interface SubnetOutRequest {
  readonly hostId: string;
  readonly subnet: string;
  /** The device behind which the subnet is; default: the one that the host's route for it names. */
  readonly device?: string;
  readonly tool: RuleTool;
  /** The plan is there to be undone: the device may be gone. */
  readonly undoing?: boolean;
}

/**
 * Lets a subnet out: its addresses become the host's own on the way, and the FORWARD chain lets its packets and their answers through.
 * @throws PlanRefused with one sentence where it cannot be
 */
export function subnetOutPlan(request: SubnetOutRequest, topology: Topology): Plan {
  const place = rootOf(topology, request.hostId);
  const { host, root } = place;
  const prefix = requireNetwork(request.subnet, 'The subnet');
  const subnet = formatPrefix(prefix);
  const device = request.device ?? root.record.routes.find((route) => route.family === 'inet' && route.type === 'unicast' && isWithin(route.destination, prefix))?.device;
  if (device === undefined) throw new PlanRefused(`${host.label} has no route to ${subnet}, so it cannot be told behind which device it is. Name the device${request.undoing === true ? ', or undo the plan by its id' : ''}.`);
  if (device === 'lo') throw new PlanRefused('Nothing is behind lo that could be let out. Name the device behind which the subnet is.');
  if (request.undoing !== true && !root.links.some(({ link }) => link.name === device)) throw new PlanRefused(`There is no device "${device}" on ${host.label}.`);
  const id = hash(JSON.stringify(['nat', ownName(host), subnet, device, request.tool]));
  return {
    id,
    kind: 'nat',
    title: `${subnet} let out by ${host.label}`,
    hosts: [place.planHost],
    preconditions: outConditions(host, request.tool),
    steps: outSteps(host.id, subnet, device, request.tool, id),
    checks: [],
    notes: [
      'Nothing of this survives a restart of the host.',
      ...(request.tool === 'nft' ? ['An accept in a table of its own does not undo a drop in another one: where packets still do not pass, "nft list ruleset" shows which chain drops them.'] : []),
    ],
    picture: {
      things: [
        { id: 'subnet', hostId: host.id, row: 0, lines: [subnet, `behind ${device}`] },
        { id: 'rules', hostId: host.id, row: 1, lines: ['MASQUERADE, FORWARD', request.tool], made: true },
        { id: 'out', hostId: host.id, row: 2, lines: [host.underlay[0] ?? host.label, 'to the outside'] },
      ],
      joins: [{ from: 'subnet', to: 'rules', made: true }, { from: 'rules', to: 'out', made: true }],
    },
  };
}

function isWithin(destination: string, prefix: Prefix): boolean {
  const route = parsePrefix(destination);
  return route !== undefined && route.length > 0 && route.length <= prefix.length && overlaps(route, prefix);
}

const forwardingFile = '/proc/sys/net/ipv4/ip_forward';

function stopForwarding(note: string): Argv {
  return script('[ ! -e "$2" ] || { echo 0 > "$1" && rm -f "$2" && { rmdir "${2%/*}" 2>/dev/null || :; }; }', forwardingFile, note);
}

/** For who knows only a plan's id: its forwarding. */
export function madeForwardingStep(hostId: string, id: string): PlanStep {
  return { hostId, what: 'forwarding', argv: ['true'], undo: stopForwarding(noteFolder(id)), done: script('[ -f "$1" ]', noteFolder(id)) };
}

/** Has the host forward packets; what it was before comes back. @throws PlanRefused where the host was not read */
export function forwardingPlan({ hostId }: { readonly hostId: string }, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const id = hash(JSON.stringify(['forwarding', ownName(place.host)]));
  const note = noteFolder(id);
  return {
    id,
    kind: 'forwarding',
    title: `Forwarding enabled on ${place.host.label}`,
    hosts: [place.planHost],
    preconditions: [],
    steps: [
      {
        hostId: place.host.id,
        what: 'have the kernel forward IPv4 packets, and note that it was this plan',
        // A host that forwards already is not this plan's to stop: the note tells.
        argv: script('mkdir -p "${2%/*}" && : > "$2" && echo 1 > "$1"', forwardingFile, note),
        undo: stopForwarding(note),
        done: script('[ "$(cat "$1")" = 1 ]', forwardingFile),
        made: script('[ -f "$1" ]', note),
      },
    ],
    checks: [],
    notes: ['net.ipv4.ip_forward is the same for all devices of the host. Nothing of this survives a restart: put it into /etc/sysctl.d for that.', `A host that forwards already is left as it is, also by undoing: ${note} tells whether it was this plan.`],
  };
}

/** $1 the name's file, $2 the folder of notes, $3 what it leads to. The link is the plan's while it leads where the note says. */
const isExposed = '[ -e "$2/expose" ] && [ "$(readlink -- "$1")" = "$(cat "$2/expose")" ]';
const unexpose = [
  'p=$(cat "$2/expose") || exit 1; [ "$(readlink -- "$1")" != "$p" ] || rm -f -- "$1" || exit 1',
  '[ ! -e "$2/folder" ] || rmdir -- "${1%/*}" 2>/dev/null || :',
  'rm -rf -- "$2"; rmdir "${2%/*}" 2>/dev/null || :',
].join('\n');

/** A name in /var/run/netns, for "ip netns". @throws PlanRefused with one sentence where it cannot be */
export function exposePlan({ hostId, sandboxId, name }: { readonly hostId: string; readonly sandboxId: string; readonly name: string }, topology: Topology): Plan {
  const place = rootOf(topology, hostId);
  const { host } = place;
  const sandbox = topology.sandbox.get(sandboxId);
  if (sandbox?.hostId !== host.id) throw new PlanRefused(`That namespace is not on ${host.label} any more. Refresh the host.`);
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(name)) throw new PlanRefused(`"${name}" is no name for a namespace: letters, digits, ".", "_" and "-".`);
  const { path, precondition } = reached(place, sandbox);
  const own = `/var/run/netns/${name}`;
  if (host.sandboxes.some((each) => each.paths.some((known) => (known === own || known === `/run/netns/${name}`) && known !== path))) throw new PlanRefused(`"ip netns" has a namespace ${name} on ${host.label} already. Choose another name.`);
  const id = hash(JSON.stringify(['expose', ownName(host), ownNamesOf(sandbox, topology), name]));
  const values = [own, noteFolder(id), path] as const;
  return {
    id,
    kind: 'expose',
    title: `${sandbox.title} as ${name} for "ip netns" on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [
      precondition,
      { hostId: host.id, what: `${own} is free`, argv: script(`[ ! -e "$1" ] && [ ! -L "$1" ] || { ${isExposed}; }`, ...values), mend: `${own} is there on ${host.label} already, and not by this plan. Choose another name.` },
    ],
    steps: [
      {
        hostId: host.id,
        what: `name it ${name}, and note what that leads to`,
        argv: script('mkdir -p -- "$2" && { [ -d "${1%/*}" ] || { mkdir -p -- "${1%/*}" && : > "$2/folder"; }; } && printf "%s\\n" "$3" > "$2/expose" && printf "%s\\n" "$1" > "$2/name" && ln -sfn -- "$3" "$1"', ...values),
        undo: script(unexpose, ...values),
        done: script(`${isExposed} && [ "$(readlink -- "$1")" = "$3" ]`, ...values),
        made: script('[ -e "$2/expose" ]', ...values),
      },
    ],
    checks: [],
    notes: [`Then: ip netns exec ${name} …`, 'A symbolic link: it leads nowhere once the namespace is gone, and "ip netns list" still shows it. Applied again when the container has started anew, it leads to its new one.'],
  };
}

/** For who knows only the plan's id: the name that it made. */
export function madeNameStep(hostId: string, id: string): PlanStep {
  const read = 'n=$(cat "$1/name") || exit 1; set -- "$n" "$1"';
  return { hostId, what: 'the name for "ip netns"', argv: ['true'], undo: script(`${read}\n${unexpose}`, noteFolder(id)), done: script('[ -e "$1/expose" ]', noteFolder(id)) };
}
