import * as vscode from 'vscode';
import type { OvsPortNode, Topology } from '../../core/model/topology';
import { ovsBridgePlan, ovsPortPlan, ovsVlanPlan } from '../../core/plan/ovsBridgePlans';
import type { OvsDatapath } from '../../core/plan/ovsSteps';
import { ovsTunnelPlan, type OvsMember, type OvsSide, type OvsTunnelKind, type OvsTunnelRequest } from '../../core/plan/ovsTunnelPlan';
import type { RuleTool } from '../../core/plan/outRules';
import { PlanRefused, type Plan } from '../../core/plan/plan';
import { underlayPairs } from '../../core/plan/underlayPairs';
import { Notice } from '../notice';
import { attempt, isAnswer, refusalOf } from './answers';
import { wizard, type Ask, type StepResult, type WizardItem, type WizardStep } from './wizard';

/** The tutorials' experiments: the switch below docker0, containers on the switch, the same with a VLAN for each. */
export type OvsExperiment = 'docker-bridge' | 'direct' | 'direct-vlan';

interface Answers {
  readonly bridge: string;
  readonly make: OvsDatapath | 'there';
  readonly underlay?: readonly [string, string];
  readonly addresses?: readonly [string, string];
  readonly under?: string;
  readonly members: readonly (OvsMember & { readonly hostId: string })[];
  readonly key?: number;
  /** By host, with what its rules are kept. */
  readonly out?: ReadonlyMap<string, RuleTool>;
}

/** What else an experiment is asked. */
interface Experiment {
  readonly kind: OvsExperiment;
  readonly ruleTool: (hostId: string) => Promise<RuleTool>;
}

/** A tunnel between the switches of two hosts that were chosen already; with an experiment, containers on them too. @returns undefined where the person gave up */
export async function askOvsTunnel(topology: Topology, kind: OvsTunnelKind, a: string, b: string, experiment?: Experiment): Promise<Plan | undefined> {
  const label = (id: string): string => topology.host.get(id)?.label ?? id;
  const request = ({ bridge, make, underlay, addresses, under, members, key, out }: Answers): OvsTunnelRequest => {
    const side = (hostId: string, at: 0 | 1): OvsSide => ({
      hostId,
      members: members.filter((member) => member.hostId === hostId),
      ...(underlay !== undefined && { underlay: underlay[at] }),
      ...(addresses !== undefined && { address: addresses[at] }),
      ...toolOf(out, hostId),
    });
    return { kind, bridge, sides: [side(a, 0), side(b, 1)], ...(make !== 'there' && { make }), ...(under !== undefined && { under }), ...(key !== undefined && { key }) };
  };
  const make = (answers: Answers): Plan => ovsTunnelPlan(request(answers), topology);
  const tagged = experiment?.kind === 'direct-vlan';
  const steps: readonly WizardStep<Answers>[] = [
    async (state, ask) => {
      const typed = await ask.input(vscode.l10n.t('Name of the Open vSwitch bridge, on both hosts'), state.bridge, (text) => refusalOf(() => make({ ...state, bridge: text })));
      return isAnswer(typed) ? { ...state, bridge: typed.text } : typed;
    },
    async (state, ask) => {
      const chosen = await ask.pick<Answers['make']>(vscode.l10n.t('Is the bridge there already?'), [
        { label: vscode.l10n.t('Make it, with the kernel\'s datapath'), description: 'system', value: 'system' },
        { label: vscode.l10n.t('Make it, with a datapath in user space'), description: 'netdev', value: 'netdev' },
        { label: vscode.l10n.t('It is there on both hosts'), value: 'there' },
      ], state.make);
      return isAnswer(chosen) ? { ...state, make: chosen } : chosen;
    },
    async (state, ask) => {
      const pairs = underlayPairs(topology, a, b);
      if (pairs.length === 0) throw new Notice(vscode.l10n.t('By their routes, {0} and {1} have no addresses with which they reach each other. Add the route, refresh both, and try again.', label(a), label(b)));
      const items = pairs.map((pair): WizardItem<(typeof pairs)[number]> => ({ label: `${pair.a.address} ↔ ${pair.b.address}`, description: `${pair.a.device} ↔ ${pair.b.device}`, value: pair }));
      const pair = await ask.pick(vscode.l10n.t('With which addresses do {0} and {1} reach each other?', label(a), label(b)), items);
      return isAnswer(pair) ? { ...state, underlay: [pair.a.address, pair.b.address] } : pair;
    },
    async (state, ask) => {
      if (experiment?.kind !== 'docker-bridge') return 'skip';
      const typed = await ask.input(vscode.l10n.t('The Linux bridge that the switch becomes a port of, on both hosts'), state.under ?? 'docker0', (text) => refusalOf(() => make({ ...state, under: text })));
      return isAnswer(typed) ? { ...state, under: typed.text } : typed;
    },
    async (state, ask) => {
      const typed = await ask.input(vscode.l10n.t('Addresses with prefix length for {0}, of {1}, then of {2}. Empty: none.', state.under ?? state.bridge, label(a), label(b)), (state.addresses ?? []).join(' '), (text) => {
        const pair = pairOf(text);
        return pair === 'wrong' ? vscode.l10n.t('Two addresses with their prefix length, such as 10.9.0.1/24 10.9.0.2/24, or nothing.') : refusalOf(() => make(withAddresses(state, pair)));
      });
      if (!isAnswer(typed)) return typed;
      const pair = pairOf(typed.text);
      return pair === 'wrong' ? undefined : withAddresses(state, pair);
    },
    (state, ask) => (experiment === undefined ? Promise.resolve('skip') : askMembers(state, ask, topology, [a, b], tagged, make)),
    async (state, ask) => {
      if (experiment === undefined || (state.addresses === undefined && state.under === undefined)) return 'skip';
      const isOut = await ask.pick(vscode.l10n.t('Are the containers to reach what is outside of the hosts?'), [
        { label: vscode.l10n.t('No'), value: false },
        { label: vscode.l10n.t('Yes'), description: vscode.l10n.t('MASQUERADE and FORWARD rules on both hosts, and a default route where a container has none'), value: true },
      ], state.out !== undefined);
      if (!isAnswer(isOut)) return isOut;
      const changed: { -readonly [Name in keyof Answers]: Answers[Name] } = { ...state };
      delete changed.out;
      if (isOut) changed.out = new Map(await Promise.all([a, b].map(async (hostId) => [hostId, await experiment.ruleTool(hostId)] as const)));
      const refusal = refusalOf(() => make(changed));
      if (refusal !== undefined) throw new Notice(refusal);
      return changed;
    },
    async (state, ask) => {
      const put = (text: string): Answers => {
        const changed: { -readonly [Name in keyof Answers]: Answers[Name] } = { ...state };
        if (text === '') delete changed.key;
        else changed.key = Number(text);
        return changed;
      };
      const typed = await ask.input(kind === 'gre' ? vscode.l10n.t('GRE key. Empty: none.') : vscode.l10n.t('VNI. Empty: 0.'), state.key === undefined ? '' : String(state.key), (text) => refusalOf(() => make(put(text))));
      return isAnswer(typed) ? put(typed.text) : typed;
    },
  ];
  const answers = await wizard<Answers>(vscode.l10n.t('Open vSwitch between {0} and {1}', label(a), label(b)), { bridge: 'br0', make: 'system', members: [] }, steps);
  return answers === undefined ? undefined : make(answers);
}

function toolOf(out: Answers['out'], hostId: string): { readonly out?: RuleTool } {
  const tool = out?.get(hostId);
  return tool === undefined ? {} : { out: tool };
}

function withAddresses(state: Answers, pair: readonly [string, string] | undefined): Answers {
  const changed: { -readonly [Name in keyof Answers]: Answers[Name] } = { ...state };
  if (pair === undefined) delete changed.addresses;
  else changed.addresses = pair;
  return changed;
}

function pairOf(text: string): readonly [string, string] | undefined | 'wrong' {
  const [first, second, ...more] = text.split(/[\s,]+/).filter((part) => part !== '');
  if (first === undefined) return undefined;
  return second === undefined || more.length > 0 ? 'wrong' : [first, second];
}

/** Containers of both hosts, then an address for each, with a tag where the experiment has VLANs. */
async function askMembers(state: Answers, ask: Ask, topology: Topology, hosts: readonly [string, string], tagged: boolean, make: (answers: Answers) => Plan): Promise<StepResult<Answers>> {
  interface Candidate {
    readonly hostId: string;
    readonly sandboxId: string;
    readonly called: string;
  }
  const items = hosts.flatMap((hostId) => (topology.host.get(hostId)?.containers ?? []).flatMap(({ name, sandboxId, running }): WizardItem<Candidate>[] => {
    const sandbox = topology.sandbox.get(sandboxId ?? '');
    if (!running || sandbox === undefined || sandbox.role === 'root') return [];
    return [{ label: name, description: topology.host.get(hostId)?.label ?? hostId, picked: state.members.some((member) => member.sandboxId === sandbox.id), value: { hostId, sandboxId: sandbox.id, called: name } }];
  }));
  if (items.length === 0) throw new Notice(vscode.l10n.t('Neither host has a running container with a namespace of its own. Start one, such as by docker run -d --net=none.'));
  const chosen = await ask.pickMany(vscode.l10n.t('Which containers are to be on it?'), items);
  if (!isAnswer(chosen)) return chosen;
  let now: Answers = { ...state, members: [] };
  for (const candidate of chosen) {
    const host = topology.host.get(candidate.hostId)?.label ?? candidate.hostId;
    const put = (text: string): Answers => {
      const [address = '', tag] = text.split(/[\s,]+/);
      return { ...now, members: [...now.members, { ...candidate, address, ...(tag !== undefined && { vlan: Number(tag) }) }] };
    };
    const prompt = tagged ? vscode.l10n.t('Address with prefix length and VLAN tag of {0} on {1}, such as 10.9.0.5/24 10', candidate.called, host) : vscode.l10n.t('Address with prefix length of {0} on {1}, such as 10.9.0.5/24', candidate.called, host);
    const typed = await ask.input(prompt, '', (text) => (tagged && !/[\s,]\d+$/.test(text) ? vscode.l10n.t('An address and, behind it, a tag.') : refusalOf(() => make(put(text)))));
    if (!isAnswer(typed)) return typed;
    now = put(typed.text);
  }
  return now;
}

export async function askOvsBridge(topology: Topology, hostId: string): Promise<Plan | undefined> {
  interface Bridge {
    readonly name: string;
    readonly datapath: OvsDatapath;
    readonly address?: string;
  }
  const make = (answers: Bridge): Plan => ovsBridgePlan({ hostId, ...answers }, topology);
  const answers = await wizard<Bridge>(vscode.l10n.t('Create Open vSwitch Bridge on {0}', topology.host.get(hostId)?.label ?? hostId), { name: '', datapath: 'system' }, [
    async (state, ask) => {
      const typed = await ask.input(vscode.l10n.t('Name of the bridge'), state.name, (text) => refusalOf(() => make({ ...state, name: text })));
      return isAnswer(typed) ? { ...state, name: typed.text } : typed;
    },
    async (state, ask) => {
      const datapath = await ask.pick<OvsDatapath>(vscode.l10n.t('Which datapath?'), [
        { label: 'system', description: vscode.l10n.t('in the kernel'), value: 'system' },
        { label: 'netdev', description: vscode.l10n.t('in user space, where the kernel has no openvswitch module'), value: 'netdev' },
      ], state.datapath);
      return isAnswer(datapath) ? { ...state, datapath } : datapath;
    },
    async (state, ask) => {
      const put = (text: string): Bridge => ({ name: state.name, datapath: state.datapath, ...(text !== '' && { address: text }) });
      const typed = await ask.input(vscode.l10n.t('Its address with the prefix length. Empty: none.'), state.address ?? '', (text) => refusalOf(() => make(put(text))));
      return isAnswer(typed) ? put(typed.text) : typed;
    },
  ]);
  return answers === undefined ? undefined : make(answers);
}

/** @param bridge of that host */
export async function askOvsPort(topology: Topology, hostId: string, bridge: string): Promise<Plan | undefined> {
  interface Port {
    readonly device: string;
    readonly vlan?: number;
  }
  const make = (answers: Port): Plan => ovsPortPlan({ hostId, bridge, ...answers }, topology);
  const host = topology.host.get(hostId);
  const links = host?.rootSandbox === undefined ? [] : (topology.sandbox.get(host.rootSandbox)?.links ?? []);
  const possible = links.filter(({ link, ovs }) => ovs === undefined && link.linkType === 'ether' && typeof attempt(() => make({ device: link.name })) !== 'string');
  if (host === undefined || possible.length === 0) throw new PlanRefused(`No device of ${host?.label ?? hostId} is free to become a port.`);
  const answers = await wizard<Port>(vscode.l10n.t('Add Port to {0} on {1}', bridge, host.label), { device: '' }, [
    async (state, ask) => {
      const device = await ask.pick(vscode.l10n.t('Which device?'), possible.map(({ link }): WizardItem<string> => ({ label: link.name, description: link.kind ?? '', value: link.name })), state.device);
      return isAnswer(device) ? { ...state, device } : device;
    },
    async (state, ask) => {
      const put = (text: string): Port => ({ device: state.device, ...(text !== '' && { vlan: Number(text) }) });
      const typed = await ask.input(vscode.l10n.t('VLAN tag, 1 to 4094. Empty: none.'), state.vlan === undefined ? '' : String(state.vlan), (text) => refusalOf(() => make(put(text))));
      return isAnswer(typed) ? put(typed.text) : typed;
    },
  ]);
  return answers === undefined ? undefined : make(answers);
}

export async function askOvsVlan(topology: Topology, { hostId, port }: OvsPortNode): Promise<Plan | undefined> {
  // The scan told the present tag: one that is another by then is refused.
  const make = (text: string): Plan => ovsVlanPlan({ hostId, device: port.name, vlan: Number(text), ...(port.tag !== undefined && { from: port.tag }) }, topology);
  const answers = await wizard<{ readonly text: string }>(vscode.l10n.t('VLAN Tag of {0} on {1}', port.name, topology.host.get(hostId)?.label ?? hostId), { text: '' }, [
    (state, ask) => ask.input(port.tag === undefined ? vscode.l10n.t('The tag, 1 to 4094; it has none now') : vscode.l10n.t('The tag, 1 to 4094; it has {0} now', port.tag), state.text, (text) => refusalOf(() => make(text))),
  ]);
  return answers === undefined ? undefined : make(answers.text);
}
