import { ovsBridgeDeletePlan, ovsBridgePlan, ovsPortPlan, ovsPortRemovePlan, ovsVlanPlan } from '../../core/plan/ovsBridgePlans';
import type { OvsDatapath } from '../../core/plan/ovsSteps';
import { ovsTunnelKinds, ovsTunnelPlan, type OvsMember, type OvsSide, type OvsTunnelKind, type OvsTunnelRequest } from '../../core/plan/ovsTunnelPlan';
import { printable } from '../../core/report/printable';
import { usageError } from '../arguments';
import { CliError } from '../cliError';
import { findTarget } from '../findTarget';
import type { ReadHosts } from '../readHosts';
import { numberOf, requiredText, ruleToolFor, textOf, textsOf, type PlanValues, type PlanVerb } from './planVerb';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const texts = { type: 'string', multiple: true } as const;
const tunnelOptions = { bridge: text, datapath: text, underlay: texts, address: texts, key: text, name: text } as const;

export const ovsVerbs: readonly PlanVerb[] = [
  ...ovsTunnelKinds.map((kind): PlanVerb => ({
    name: `ovs-${kind}`,
    hosts: [2, 2],
    options: tunnelOptions,
    make: (values, read) => ovsTunnelPlan(requestOf(kind, values, read), read.topology),
  })),
  {
    name: 'ovs-experiment',
    hosts: [2, 2],
    options: { ...tunnelOptions, kind: text, tunnel: text, container: texts, under: text, out: flag, nft: flag },
    make: async (values, read) => {
      const kind = requiredText(values, 'kind');
      const tunnel = textOf(values, 'tunnel') ?? 'gre';
      if (!isOvsKind(tunnel)) throw usageError('plan', `--tunnel takes ${ovsTunnelKinds.join(', ')}`);
      if (kind !== 'docker-bridge' && kind !== 'direct' && kind !== 'direct-vlan') throw usageError('plan', '--kind takes docker-bridge, direct or direct-vlan');
      const request = requestOf(tunnel, values, read);
      const members = membersOf(values, read);
      if (kind === 'direct-vlan' && members.flat().some(({ vlan }) => vlan === undefined)) throw usageError('plan', 'With direct-vlan every container has a tag: --container 1:NAME=PREFIX,TAG');
      const side = async (at: 0 | 1): Promise<OvsSide> => ({ ...request.sides[at], members: members[at], ...(values['out'] === true && { out: await ruleToolFor(values, read, at) }) });
      const sides = [await side(0), await side(1)] as const;
      return ovsTunnelPlan({ ...request, sides, make: request.make ?? 'system', ...(kind === 'docker-bridge' && { under: textOf(values, 'under') ?? 'docker0' }) }, read.topology);
    },
  },
  {
    name: 'ovs-bridge',
    hosts: [1, 1],
    options: { name: text, datapath: text, address: text, stp: flag },
    make: (values, read) => {
      const address = textOf(values, 'address');
      return ovsBridgePlan({ hostId: hostAt(read, 0), name: requiredText(values, 'name'), datapath: datapathOf(values) ?? 'system', stp: values['stp'] === true, ...(address !== undefined && { address }) }, read.topology);
    },
  },
  {
    name: 'ovs-port',
    hosts: [1, 1],
    options: { bridge: text, device: text, vlan: text },
    make: (values, read) => ovsPortPlan({ hostId: hostAt(read, 0), bridge: requiredText(values, 'bridge'), device: requiredText(values, 'device'), ...numberOf(values, 'vlan', 'vlan') }, read.topology),
  },
  { name: 'ovs-bridge-delete', hosts: [1, 1], options: { name: text }, make: (values, read, undoing) => ovsBridgeDeletePlan({ hostId: hostAt(read, 0), name: requiredText(values, 'name'), undoing }, read.topology) },
  { name: 'ovs-port-remove', hosts: [1, 1], options: { device: text }, make: (values, read, undoing) => ovsPortRemovePlan({ hostId: hostAt(read, 0), device: requiredText(values, 'device'), undoing }, read.topology) },
  {
    name: 'ovs-vlan',
    hosts: [1, 1],
    options: { device: text, vlan: text, from: text },
    make: (values, read) => ovsVlanPlan({ hostId: hostAt(read, 0), device: requiredText(values, 'device'), vlan: Number(requiredText(values, 'vlan')), ...numberOf(values, 'from', 'from') }, read.topology),
  },
];

function isOvsKind(kind: string): kind is OvsTunnelKind {
  return ovsTunnelKinds.some((each) => each === kind);
}

function hostAt(read: ReadHosts, at: 0 | 1): string {
  return read.hosts[at]?.transport.id ?? '';
}

function datapathOf(values: PlanValues): OvsDatapath | undefined {
  const datapath = textOf(values, 'datapath');
  if (datapath === undefined || datapath === 'system' || datapath === 'netdev') return datapath;
  throw usageError('plan', `--datapath takes system or netdev, not "${printable(datapath)}"`);
}

/** `--datapath` says that the bridge is to be made. */
function requestOf(kind: OvsTunnelKind, values: PlanValues, read: ReadHosts): OvsTunnelRequest {
  for (const option of ['underlay', 'address'] as const) {
    const { length } = textsOf(values, option);
    if (length !== 0 && length !== 2) throw usageError('plan', `--${option} is given twice, for the hosts in their order, or not at all`);
  }
  const side = (at: 0 | 1): OvsSide => {
    const [underlay, address] = [textsOf(values, 'underlay')[at], textsOf(values, 'address')[at]];
    return { hostId: hostAt(read, at), ...(underlay !== undefined && { underlay }), ...(address !== undefined && { address }) };
  };
  const make = datapathOf(values);
  const name = textOf(values, 'name');
  return { kind, sides: [side(0), side(1)], bridge: requiredText(values, 'bridge'), ...numberOf(values, 'key', 'key'), ...(make !== undefined && { make }), ...(name !== undefined && { name }) };
}

/** `1:NAME=PREFIX[,TAG]`, by host. */
function membersOf(values: PlanValues, read: ReadHosts): readonly [readonly OvsMember[], readonly OvsMember[]] {
  const members: [OvsMember[], OvsMember[]] = [[], []];
  for (const each of textsOf(values, 'container')) {
    const found = /^([12]):(.+)=([^,=]+)(?:,(\d{1,4}))?$/s.exec(each);
    if (found === null) throw usageError('plan', `--container takes 1: or 2:, for the first or second host, a name, an address and perhaps a tag, such as 1:web1=10.9.0.5/24,20; not "${printable(each)}"`);
    const at = found[1] === '1' ? 0 : 1;
    const { sandbox, container } = findTarget(read.topology, found[2] ?? '');
    if (sandbox.hostId !== hostAt(read, at)) throw new CliError(`${printable(found[2] ?? '')} is not on the ${at === 0 ? 'first' : 'second'} host.`);
    members[at].push({ sandboxId: sandbox.id, called: container?.name ?? sandbox.title, address: found[3] ?? '', ...(found[4] !== undefined && { vlan: Number(found[4]) }) });
  }
  return members;
}
