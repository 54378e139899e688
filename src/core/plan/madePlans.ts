import type { HostId } from '../model/address';
import type { Link } from '../model/link';
import type { LinkNode, Sandbox, Topology } from '../model/topology';
import { PlanRefused, planMark, type Plan, type PlanStep } from './plan';
import { putBackSteps } from './formerState';
import { notedSteps, notedTagSteps } from './ovsNotes';
import { madeForwardingStep, madeNameStep } from './hostPlans';
import { madeTableStep } from './outRules';
import { planIdOf } from './seenTunnel';
import { reached, rootOf } from './planHosts';
import { rulesStep, script } from './planParts';

interface MadeLink {
  readonly node: LinkNode;
  readonly sandbox: Sandbox;
}

/** What plans have made and left their mark on, as any machine sees it: by the plan's id. */
export function plansMade(topology: Topology): ReadonlyMap<string, readonly MadeLink[]> {
  const made = new Map<string, MadeLink[]>();
  for (const host of topology.hosts) {
    for (const sandbox of host.sandboxes) {
      for (const node of sandbox.links) {
        const id = planIdOf(node.link) ?? pairId(node.link);
        if (id !== undefined) made.set(id, [...(made.get(id) ?? []), { node, sandbox }]);
      }
    }
  }
  return made;
}

/** A pair's end on the host has its plan's id in its name, before it has the mark. */
function pairId({ name, rest }: Link): string | undefined {
  return rest?.['ifalias'] === undefined ? /^nxw([0-9a-f]{8})$/.exec(name)?.[1] : undefined;
}

/**
 * Removes what carries a plan's mark, wherever the plan was made: devices, rules with its comment, its table of nft, what it wrote down on these hosts. Its steps are the removals; they have no undo, since what
 * made the things is not known here.
 * @param hostIds on which rules are looked for; with devices, their hosts are enough
 * @throws PlanRefused for an id that is none
 */
export function removalPlan(topology: Topology, id: string, hostIds: readonly HostId[] = []): Plan {
  if (!/^[0-9a-f]{8}$/.test(id)) throw new PlanRefused(`"${id}" is no plan's id: eight hexadecimal digits, as in the alias of what it made.`);
  const links = plansMade(topology).get(id) ?? [];
  const hosts = [...new Set([...links.map(({ sandbox }) => sandbox.hostId), ...hostIds])].map((hostId) => rootOf(topology, hostId));
  if (hosts.length === 0) throw new PlanRefused(`No host that was read has anything with the mark of plan ${id}. Refresh the hosts, or name one.`);
  const mark = planMark(id);
  const steps: PlanStep[] = [];
  for (const place of hosts) {
    const hostId = place.host.id;
    for (const { node, sandbox } of links.filter((each) => each.sandbox.hostId === hostId)) {
      const { name } = node.link;
      const marked = planIdOf(node.link) === undefined ? '[ -e "/sys/class/net/$1" ] && [ -z "$(cat "/sys/class/net/$1/ifalias")" ]' : 'ip link show dev "$1" 2>/dev/null | grep -qF "alias $2"';
      if (sandbox.id === place.root.id) {
        steps.push({ hostId, what: `the device ${name}`, argv: ['true'], undo: ['ip', 'link', 'del', 'dev', name], done: script(marked, name, mark) });
      } else {
        const inside = reached(place, sandbox);
        steps.push({ hostId, what: `the device ${name} of ${sandbox.title}`, argv: ['true'], undo: inside.run('ip', 'link', 'del', 'dev', name), done: inside.script(marked, name, mark) });
      }
    }
    steps.push(...putBackSteps(hostId, id), rulesStep(hostId, mark), madeForwardingStep(hostId, id), madeNameStep(hostId, id), madeTableStep(hostId, id), ...switchSteps(hostId, id), ...notedSteps(hostId, id), ...notedTagSteps(hostId, id));
  }
  return {
    id,
    kind: 'remove',
    title: `What plan ${id} made on ${hosts.map(({ host }) => host.label).join(' and ')}`,
    hosts: hosts.map(({ planHost }) => planHost),
    preconditions: [],
    // Undone from the last to the first: rules before the devices that they name.
    steps,
    checks: [],
    notes: ['Found by its mark, and by what it wrote down in /run/netns-explorer: docker0\'s subnet has neither, and is undone by the plan that made it.'],
  };
}

/** Bridges and ports of Open vSwitch with the plan's external id. Undone from the last: ports go before bridges. */
function switchSteps(hostId: HostId, id: string): PlanStep[] {
  const list = 'command -v ovs-vsctl >/dev/null || exit 1; names=$(ovs-vsctl --timeout=5 --bare --columns=name find "$1" "external_ids:netns-explorer=$2" 2>/dev/null) || exit 1; [ -n "$names" ] || exit 1';
  const each = ([table, what, verb]: readonly [string, string, string]): PlanStep => ({
    hostId,
    what: `the ${what} of Open vSwitch with its mark`,
    argv: ['true'],
    undo: script(`${list}; printf '%s\\n' "$names" | while IFS= read -r n; do [ -z "$n" ] || ovs-vsctl --timeout=10 --if-exists "$3" "$n" || exit 1; done`, table, id, verb),
    done: script(list, table, id),
  });
  return ([['Bridge', 'bridges', 'del-br'], ['Interface', 'ports', 'del-port']] as const).map(each);
}

/**
 * Takes from a container or namespace what a plan wired into it, whoever made it.
 * @param name of the device there; absent: the only one
 * @throws PlanRefused where no plan's device is there, or several are
 */
export function unwirePlan(topology: Topology, sandboxId: string, name?: string): Plan {
  const sandbox = topology.sandbox.get(sandboxId);
  if (sandbox === undefined) throw new PlanRefused('That namespace is gone. Read its host again.');
  const wired = sandbox.links.flatMap((node) => {
    const far = node.peer?.state === 'resolved' ? topology.link.get(node.peer.linkId) : undefined;
    const id = planIdOf(node.link) ?? (far && pairId(far.link));
    return id === undefined ? [] : [{ id, name: node.link.name }];
  });
  const [found, ...more] = name === undefined ? wired : wired.filter((each) => each.name === name);
  if (found === undefined) throw new PlanRefused(name === undefined ? `No plan has wired ${sandbox.title}: none of its devices carries a plan's mark.` : `${sandbox.title} has no device ${name} that a plan made.`);
  if (more.length > 0) throw new PlanRefused(`Plans have wired ${sandbox.title} by ${wired.map((each) => each.name).join(', ')}. Say which one.`);
  return removalPlan(topology, found.id, [sandbox.hostId]);
}
