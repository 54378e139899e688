import { PlanRefused, type Plan } from '../../core/plan/plan';
import { bridgeDeletePlan, bridgePlan, portPlan, portRemovePlan, vlanPlan } from '../../core/plan/bridgePlans';
import { docker0Plan } from '../../core/plan/docker0Plan';
import { exposePlan, forwardingPlan, subnetOutPlan } from '../../core/plan/hostPlans';
import { removalPlan, unwirePlan } from '../../core/plan/madePlans';
import { wirePlan, type WireTo } from '../../core/plan/wirePlan';
import { readDaemonFile } from '../../discovery/plans/daemonFile';
import { usageError } from '../arguments';
import { findTarget } from '../findTarget';
import type { ReadHosts } from '../readHosts';
import { numberOf, requiredText, ruleToolFor, textOf, type PlanValues, type PlanVerb } from './planVerb';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** One host's plans. */
export const hostVerbs: readonly PlanVerb[] = [
  {
    name: 'wire',
    hosts: [1, 1],
    options: { container: text, bridge: text, 'ovs-bridge': text, parent: text, address: text, gateway: text, mac: text, name: text, vlan: text, mtu: text },
    make: (values, read, undoing) => {
      const { sandbox, container } = findTarget(read.topology, requiredText(values, 'container'));
      const host = read.topology.host.get(hostOf(read));
      if (container !== undefined && host?.rootSandbox === sandbox.id) throw new PlanRefused(`${container.name} uses the network of ${host.label} itself (--net=host): there is nothing to wire.`);
      return wirePlan(
        {
          undoing,
          hostId: hostOf(read),
          sandboxId: sandbox.id,
          ...(container !== undefined && { called: container.name }),
          to: wireTo(values),
          ...texts(values, 'address', 'gateway', 'mac', 'name'),
          ...numberOf(values, 'vlan', 'vlan'),
          ...numberOf(values, 'mtu', 'mtuBytes'),
        },
        read.topology,
      );
    },
  },
  { name: 'unwire', hosts: [1, 1], options: { container: text, name: text }, make: (values, read) => unwirePlan(read.topology, sandboxOf(values, read), textOf(values, 'name')) },
  {
    name: 'bridge',
    hosts: [1, 1],
    options: { name: text, address: text, stp: flag, 'vlan-filtering': flag },
    make: (values, read) => bridgePlan({ hostId: hostOf(read), name: requiredText(values, 'name'), stp: values['stp'] === true, vlanFiltering: values['vlan-filtering'] === true, ...texts(values, 'address') }, read.topology),
  },
  { name: 'bridge-delete', hosts: [1, 1], options: { name: text }, make: (values, read, undoing) => bridgeDeletePlan({ hostId: hostOf(read), name: requiredText(values, 'name'), undoing }, read.topology) },
  {
    name: 'port',
    hosts: [1, 1],
    options: { bridge: text, device: text },
    make: (values, read) => portPlan({ hostId: hostOf(read), bridge: requiredText(values, 'bridge'), device: requiredText(values, 'device') }, read.topology),
  },
  { name: 'port-remove', hosts: [1, 1], options: { device: text }, make: (values, read, undoing) => portRemovePlan({ hostId: hostOf(read), device: requiredText(values, 'device'), undoing }, read.topology) },
  {
    name: 'vlan',
    hosts: [1, 1],
    options: { device: text, vlan: text, from: text },
    make: (values, read) => vlanPlan({ hostId: hostOf(read), device: requiredText(values, 'device'), vlan: Number(requiredText(values, 'vlan')), ...numberOf(values, 'from', 'from') }, read.topology),
  },
  {
    name: 'nat',
    hosts: [1, 1],
    options: { subnet: text, device: text, nft: flag },
    make: async (values, read, undoing) => {
      return subnetOutPlan({ undoing, hostId: hostOf(read), subnet: requiredText(values, 'subnet'), tool: await ruleToolFor(values, read, 0), ...texts(values, 'device') }, read.topology);
    },
  },
  { name: 'forwarding', hosts: [1, 1], options: {}, make: (_values, read) => forwardingPlan({ hostId: hostOf(read) }, read.topology) },
  {
    name: 'expose',
    hosts: [1, 1],
    options: { container: text, name: text },
    make: (values, read) => exposePlan({ hostId: hostOf(read), sandboxId: sandboxOf(values, read), name: requiredText(values, 'name') }, read.topology),
  },
  {
    name: 'docker0',
    hosts: [1, 1],
    options: { bip: text, 'fixed-cidr': text, file: text, 'restart-engine': flag },
    make: async (values, read) => {
      const hostId = hostOf(read);
      const fixedCidr = textOf(values, 'fixed-cidr');
      const [host] = read.hosts;
      if (host === undefined) throw usageError('plan', 'Name the host with --host');
      const file = await readDaemonFile(host.transport, textOf(values, 'file'));
      return docker0Plan({ hostId, bip: requiredText(values, 'bip'), file, restart: values['restart-engine'] === true, ...(fixedCidr !== undefined && { fixedCidr }) }, read.topology);
    },
  },
  {
    name: 'remove',
    hosts: [1, 64],
    options: { id: text },
    make: (values, read): Plan => removalPlan(read.topology, requiredText(values, 'id'), read.hosts.map(({ transport }) => transport.id)),
  },
];

function hostOf(read: ReadHosts): string {
  return read.hosts[0]?.transport.id ?? '';
}

function sandboxOf(values: PlanValues, read: ReadHosts): string {
  return findTarget(read.topology, requiredText(values, 'container')).sandbox.id;
}

function texts<Name extends string>(values: PlanValues, ...names: readonly Name[]): { readonly [Each in Name]?: string } {
  return Object.fromEntries(names.flatMap((name) => {
    const value = textOf(values, name);
    return value === undefined ? [] : [[name, value]];
  })) as { readonly [Each in Name]?: string };
}

function wireTo(values: PlanValues): WireTo {
  const given = ([['bridge', 'bridge'], ['ovs-bridge', 'ovs'], ['parent', 'parent']] as const).flatMap(([option, kind]) => {
    const name = textOf(values, option);
    return name === undefined ? [] : [{ kind, name }];
  });
  const [to, ...more] = given;
  if (to === undefined || more.length > 0) throw usageError('plan', 'Say what it is wired to, by one of --bridge, --ovs-bridge and --parent');
  return to;
}
