import * as vscode from 'vscode';
import type { HostNode, Topology } from '../../core/model/topology';
import { formatPrefix, parseIpv4, parsePrefix } from '../../core/model/ipv4';
import type { Plan } from '../../core/plan/plan';
import { kindName, type TunnelKind } from '../../core/plan/tunnelDevice';
import { tunnelPlan, type ForeignSide, type TunnelRequest, type TunnelSide } from '../../core/plan/tunnelPlan';
import { underlayPairs } from '../../core/plan/underlayPairs';
import { Notice } from '../notice';
import { attempt, isAnswer, refusalOf } from './answers';
import { askOvsTunnel } from './ovsWizards';
import { wizard, type Ask, type StepResult, type WizardItem, type WizardStep } from './wizard';

interface Answers {
  readonly a?: string;
  /** A host's id, or the address of a machine that is not among the hosts. */
  readonly b?: { readonly hostId: string } | { readonly foreign: string };
  readonly kind: TunnelKind;
  /** A port on an Open vSwitch bridge, which is asked for by another wizard. */
  readonly ovs?: true;
  readonly underlay?: readonly [string, string | undefined];
  readonly bridges: readonly [string | undefined, string | undefined];
  readonly addresses?: readonly [string, string];
  readonly behind: readonly (readonly [0 | 1, string])[];
  readonly key?: number;
  readonly ttl?: number;
  readonly mtuBytes?: number;
  readonly name?: string;
  readonly forward: boolean;
}

const bridged: ReadonlySet<TunnelKind> = new Set(['gretap', 'vxlan', 'geneve']);

/** Asks what a tunnel is to be, with what the scan knows as answers. @returns undefined where the person gave up */
export async function askTunnel(topology: Topology, kinds: readonly TunnelKind[], from: string | undefined): Promise<Plan | undefined> {
  const hosts = topology.hosts.filter(({ rootSandbox }) => rootSandbox !== undefined);
  const [kind] = kinds;
  if (hosts.length === 0 || kind === undefined) {
    throw new Notice(vscode.l10n.t('No host was read yet, so no tunnel can be planned. Add a host, or refresh the ones that are there.'), { title: vscode.l10n.t('Refresh'), run: () => vscode.commands.executeCommand('netnsExplorer.hosts.refresh') });
  }
  const title = kinds.length === 1 ? vscode.l10n.t('Create {0} Tunnel', kindName(kind)) : vscode.l10n.t('Create {0} Tunnel', 'GRE');
  const label = (id: string): string => topology.host.get(id)?.label ?? id;
  const steps: readonly WizardStep<Answers>[] = [
    async (state, ask) => {
      if (from !== undefined) return { ...state, a: from };
      const a = await ask.pick(vscode.l10n.t('From which host?'), hosts.map(hostItem), state.a);
      return isAnswer(a) ? { ...state, a } : a;
    },
    (state, ask) => askFarEnd(state, ask, hosts),
    async (state, ask) => {
      const far = state.b;
      const onSwitch = kind !== 'ipip' && far !== undefined && 'hostId' in far;
      if (kinds.length === 1 && !onSwitch) return 'skip';
      const items: WizardItem<TunnelKind | 'ovs'>[] = [
        ...(kinds.includes('gre') ? [{ label: vscode.l10n.t('GRE, layer 3'), description: vscode.l10n.t('routes IP packets'), value: 'gre' as const }] : []),
        ...(kinds.includes('gretap') ? [{ label: vscode.l10n.t('GRETAP, layer 2'), description: vscode.l10n.t('carries frames; may be a port of a Linux bridge'), value: 'gretap' as const }] : []),
        ...(kinds.includes('gre') ? [] : [{ label: vscode.l10n.t('A device of the kernel'), description: vscode.l10n.t('may be a port of a Linux bridge'), value: kind }]),
        ...(onSwitch ? [{ label: vscode.l10n.t('A port of an Open vSwitch bridge'), description: vscode.l10n.t('on both hosts'), value: 'ovs' as const }] : []),
      ];
      const { ovs, ...rest } = state;
      const chosen = await ask.pick(vscode.l10n.t('What is it to carry?'), items, ovs === true ? 'ovs' : state.kind);
      if (!isAnswer(chosen)) return chosen;
      return chosen === 'ovs' ? { ...rest, ovs: true } : { ...rest, kind: chosen };
    },
    (state, ask) => (state.ovs === true ? Promise.resolve('skip') : askUnderlay(state, ask, topology, label)),
    (state, ask) => (state.ovs === true ? Promise.resolve('skip') : askBridge(state, ask, topology, 0)),
    (state, ask) => (state.ovs === true ? Promise.resolve('skip') : askBridge(state, ask, topology, 1)),
    (state, ask) => (state.ovs === true ? Promise.resolve('skip') : askAddresses(state, ask, topology, label)),
    (state, ask) => (state.ovs === true ? Promise.resolve('skip') : askNetworks(state, ask, topology)),
    (state, ask) => (state.ovs === true ? Promise.resolve('skip') : askRest(state, ask, topology)),
  ];
  const answers = await wizard<Answers>(title, { kind, bridges: [undefined, undefined], behind: [], forward: false }, steps);
  if (answers === undefined) return undefined;
  const { a, b } = answers;
  if (answers.ovs === true && a !== undefined && b !== undefined && 'hostId' in b && kind !== 'ipip') return askOvsTunnel(topology, kind === 'gretap' ? 'gre' : kind, a, b.hostId);
  return tunnelPlan(requestOf(answers), topology);
}

function hostItem(host: HostNode): WizardItem<string> {
  return { label: host.label, description: host.underlay.filter((address) => parseIpv4(address) !== undefined).join(', '), value: host.id };
}

async function askFarEnd(state: Answers, ask: Ask, hosts: readonly HostNode[]): Promise<StepResult<Answers>> {
  const other = 'another machine';
  const items: WizardItem<string>[] = [
    ...hosts.filter(({ id }) => id !== state.a).map(hostItem),
    { label: vscode.l10n.t('A machine that is not among the hosts…'), description: vscode.l10n.t('by its address; its half is made there by somebody else'), value: other },
  ];
  const chosen = await ask.pick(vscode.l10n.t('To which host?'), items, state.b !== undefined && 'hostId' in state.b ? state.b.hostId : undefined);
  if (!isAnswer(chosen)) return chosen;
  if (chosen !== other) return { ...state, b: { hostId: chosen } };
  const typed = await ask.input(vscode.l10n.t('IPv4 address of the far end'), '', (text) => (parseIpv4(text) === undefined ? vscode.l10n.t('This is no IPv4 address.') : undefined));
  return isAnswer(typed) ? { ...state, b: { foreign: typed.text } } : typed;
}

async function askUnderlay(state: Answers, ask: Ask, topology: Topology, label: (id: string) => string): Promise<StepResult<Answers>> {
  const { a = '', b } = state;
  if (b === undefined) return undefined;
  if ('foreign' in b) {
    const host = topology.host.get(a);
    const addresses = (host?.underlay ?? []).filter((address) => parseIpv4(address) !== undefined);
    if (addresses.length < 2) return 'skip';
    const chosen = await ask.pick(vscode.l10n.t('Which address of {0} does the far end reach?', label(a)), addresses.map((address) => ({ label: address, value: address })), state.underlay?.[0]);
    return isAnswer(chosen) ? { ...state, underlay: [chosen, undefined] } : chosen;
  }
  const pairs = underlayPairs(topology, a, b.hostId);
  if (pairs.length === 0) throw new Notice(vscode.l10n.t('By their routes, {0} and {1} have no addresses with which they reach each other. Add the route, refresh both, and try again.', label(a), label(b.hostId)));
  const items = pairs.map((pair, at): WizardItem<number> => ({
    label: `${pair.a.address} ↔ ${pair.b.address}`,
    description: [`${pair.a.device} ↔ ${pair.b.device}`, pair.direct ? vscode.l10n.t('one network') : vscode.l10n.t('by a gateway')].join(' · '),
    value: at,
  }));
  const chosen = await ask.pick(vscode.l10n.t('With which addresses do {0} and {1} reach each other?', label(a), label(b.hostId)), items);
  if (!isAnswer(chosen)) return chosen;
  const pair = pairs[chosen];
  return pair === undefined ? undefined : { ...state, underlay: [pair.a.address, pair.b.address] };
}

async function askBridge(state: Answers, ask: Ask, topology: Topology, at: 0 | 1): Promise<StepResult<Answers>> {
  const hostId = at === 0 ? state.a : state.b !== undefined && 'hostId' in state.b ? state.b.hostId : undefined;
  const host = topology.host.get(hostId ?? '');
  const links = host?.rootSandbox === undefined ? [] : (topology.sandbox.get(host.rootSandbox)?.links ?? []);
  const bridges = links.filter(({ link }) => link.kind === 'bridge');
  const put = (bridge: string | undefined): Answers => ({ ...state, bridges: at === 0 ? [bridge, state.bridges[1]] : [state.bridges[0], bridge] });
  if (!bridged.has(state.kind) || host === undefined || bridges.length === 0) return 'skip';
  const none = { none: true } as const;
  const items: WizardItem<typeof none | string>[] = [
    { label: vscode.l10n.t('No bridge'), description: vscode.l10n.t('the device has an address of its own'), value: none },
    ...bridges.map(({ id, link }) => {
      const network = host.networks.find(({ bridgeLinkId }) => bridgeLinkId === id);
      return { label: link.name, description: [...(network === undefined ? [] : [network.name]), ...link.addresses.filter(({ family }) => family === 'inet').map(({ address, prefixLength }) => `${address}/${String(prefixLength)}`)].join(' · '), value: link.name };
    }),
  ];
  const chosen = await ask.pick(vscode.l10n.t('A port of which bridge on {0}?', host.label), items, state.bridges[at] ?? none);
  return isAnswer(chosen) ? put(typeof chosen === 'string' ? chosen : undefined) : chosen;
}

async function askAddresses(state: Answers, ask: Ask, topology: Topology, label: (id: string) => string): Promise<StepResult<Answers>> {
  if (state.bridges.some((bridge) => bridge !== undefined)) return 'skip';
  const far = state.b === undefined ? '' : 'hostId' in state.b ? label(state.b.hostId) : state.b.foreign;
  const { addresses, ...without } = state;
  const [own, other] = addresses ?? suggested(without, topology) ?? ['', ''];
  const typed = await ask.input(vscode.l10n.t('Addresses inside the tunnel: of {0}, then of {1}', label(state.a ?? ''), far), `${own} ${other}`.trim(), (text) => {
    const pair = twoOf(text);
    return pair === undefined ? vscode.l10n.t('Two addresses with their prefix length, such as 10.213.0.1/30 10.213.0.2/30.') : refusal({ ...without, addresses: pair }, topology);
  });
  if (!isAnswer(typed)) return typed;
  const pair = twoOf(typed.text);
  return pair === undefined ? undefined : { ...state, addresses: pair };
}

function twoOf(text: string): readonly [string, string] | undefined {
  const [first, second, ...more] = text.split(/[\s,]+/).filter((part) => part !== '');
  return first === undefined || second === undefined || more.length > 0 || ![first, second].every((each) => parsePrefix(each) !== undefined) ? undefined : [first, second];
}

function suggested(state: Answers, topology: Topology): readonly [string, string] | undefined {
  const made = attempt(() => tunnelPlan(requestOf(state), topology));
  const [check] = typeof made === 'string' ? [] : made.checks;
  return check?.from === undefined ? undefined : [`${check.from}/30`, `${check.to}/30`];
}

/** Subnets of the engines' bridge networks, behind each host. */
async function askNetworks(state: Answers, ask: Ask, topology: Topology): Promise<StepResult<Answers>> {
  if (state.bridges.some((bridge) => bridge !== undefined)) return 'skip';
  type Network = readonly [0 | 1, string];
  const ids = [state.a, state.b !== undefined && 'hostId' in state.b ? state.b.hostId : undefined] as const;
  const offered = ([0, 1] as const).flatMap((at) => {
    const host = topology.host.get(ids[at] ?? '');
    return (host?.networks ?? []).flatMap((network) => (network.driver !== 'bridge' ? [] : network.engine.subnets.flatMap(({ subnet }) => {
      const prefix = parsePrefix(subnet);
      if (prefix === undefined) return [];
      const value: Network = [at, formatPrefix(prefix)];
      return [{ host: host?.label ?? '', network, value, reason: refusal({ ...state, behind: [value] }, topology) }];
    })));
  });
  if (offered.length === 0) return 'skip';
  const possible = offered.filter(({ reason }) => reason === undefined);
  const refused = offered.filter(({ reason }) => reason !== undefined);
  const items: WizardItem<Network>[] = [
    ...possible.map(({ host, network, value }) => ({ label: value[1], description: vscode.l10n.t('{0}, behind {1}', network.name, host), value, picked: state.behind.some(([at, subnet]) => at === value[0] && subnet === value[1]) })),
    // Without a value it cannot be chosen; it is listed so that one sees why.
    ...(refused.length === 0 ? [] : [{ label: vscode.l10n.t('not possible'), kind: vscode.QuickPickItemKind.Separator }]),
    ...refused.map(({ host, network, value, reason }) => ({ label: `✗ ${value[1]}`, description: vscode.l10n.t('{0}, behind {1}', network.name, host), detail: reason ?? '' })),
  ];
  const chosen = await ask.pickMany(vscode.l10n.t('Which networks are to be reached through it? None is an answer too.'), items);
  return isAnswer(chosen) ? { ...state, behind: chosen } : chosen;
}

/** What has a default: shown with it, changed one by one; then the plan. */
async function askRest(state: Answers, ask: Ask, topology: Topology): Promise<StepResult<Answers>> {
  let now = state;
  for (;;) {
    const answers = now;
    const made = attempt(() => tunnelPlan(requestOf(answers), topology));
    const [device] = typeof made === 'string' ? [] : (made.devices ?? []);
    const vni = now.kind === 'vxlan' || now.kind === 'geneve';
    type Choice = 'plan' | 'key' | 'ttl' | 'mtu' | 'name' | 'forward';
    const items: WizardItem<Choice>[] = [
      typeof made === 'string' ? { label: vscode.l10n.t('✗ It cannot be so'), detail: made } : { label: vscode.l10n.t('Show the Plan'), description: vscode.l10n.t('nothing is run yet'), value: 'plan' },
      { label: vscode.l10n.t('defaults'), kind: vscode.QuickPickItemKind.Separator },
      ...(now.kind === 'ipip' ? [] : [{ label: vni ? 'VNI' : vscode.l10n.t('Key'), description: String(device?.vni ?? device?.key ?? now.key ?? vscode.l10n.t('none')), value: 'key' as const }]),
      { label: 'TTL', description: String(device?.ttl ?? now.ttl ?? 64), value: 'ttl' },
      { label: 'MTU', description: typeof made === 'string' ? String(now.mtuBytes ?? '') : (made.notes[0] ?? '').replace(/^MTU: /, ''), value: 'mtu' },
      { label: vscode.l10n.t('Name of the Device'), description: device?.name ?? now.name ?? '', value: 'name' },
      { label: vscode.l10n.t('FORWARD Rules'), description: now.forward ? vscode.l10n.t('iptables lets its packets through') : vscode.l10n.t('none'), value: 'forward' },
    ];
    const chosen = await ask.pick<Choice>(vscode.l10n.t('Change what is to be otherwise, then show the plan.'), items, 'plan');
    if (!isAnswer(chosen)) return chosen;
    if (chosen === 'plan') return now;
    const changed = await askOne(chosen, now, ask, topology);
    if (changed !== undefined) now = changed;
  }
}

async function askOne(choice: 'key' | 'ttl' | 'mtu' | 'name' | 'forward', state: Answers, ask: Ask, topology: Topology): Promise<Answers | undefined> {
  const number = async (field: 'key' | 'ttl' | 'mtuBytes', prompt: string): Promise<Answers | undefined> => {
    const { [field]: value, ...without } = state;
    const put = (text: string): Answers => (text === '' ? without : { ...without, [field]: Number(text) });
    const typed = await ask.input(prompt, value === undefined ? '' : String(value), (text) => (text !== '' && !/^\d{1,10}$/.test(text) ? vscode.l10n.t('This takes a whole number.') : refusal(put(text), topology)));
    return isAnswer(typed) ? put(typed.text) : undefined;
  };
  switch (choice) {
    case 'key':
      return number('key', vscode.l10n.t('A number, the same on both sides. Empty: the default.'));
    case 'ttl':
      return number('ttl', vscode.l10n.t('1 to 255. Empty: 64.'));
    case 'mtu':
      return number('mtuBytes', vscode.l10n.t('Bytes. Empty: what the underlay leaves.'));
    case 'name': {
      const { name, ...without } = state;
      const put = (text: string): Answers => (text === '' ? without : { ...without, name: text });
      const typed = await ask.input(vscode.l10n.t('Up to 15 characters, on both hosts. Empty: a name of its own.'), name ?? '', (text) => refusal(put(text), topology));
      return isAnswer(typed) ? put(typed.text) : undefined;
    }
    case 'forward':
      return { ...state, forward: !state.forward };
  }
}

function refusal(state: Answers, topology: Topology): string | undefined {
  return refusalOf(() => tunnelPlan(requestOf(state), topology));
}

function requestOf(state: Answers): TunnelRequest {
  const { a = '', b, underlay, bridges, addresses, key, ttl, mtuBytes, name } = state;
  const behind = (at: 0 | 1): readonly string[] => state.behind.filter(([side]) => side === at).map(([, network]) => network);
  const side = (hostId: string, at: 0 | 1): TunnelSide => {
    const [own, address, bridge] = [underlay?.[at], addresses?.[at], bridges[at]];
    return { hostId, behind: behind(at), ...(own !== undefined && { underlay: own }), ...(address !== undefined && { address }), ...(bridge !== undefined && { bridge }) };
  };
  const far: TunnelSide | ForeignSide =
    b === undefined || 'hostId' in b ? side(b?.hostId ?? '', 1) : { foreign: b.foreign, behind: behind(1), ...(addresses !== undefined && { address: addresses[1] }) };
  return {
    kind: state.kind,
    sides: [side(a, 0), far],
    forward: state.forward,
    ...(key !== undefined && { key }),
    ...(ttl !== undefined && { ttl }),
    ...(mtuBytes !== undefined && { mtuBytes }),
    ...(name !== undefined && { name }),
  };
}

/** Two of the hosts. @returns undefined where the person gave up */
export async function askTwoHosts(topology: Topology, title: string, from: string | undefined): Promise<readonly [string, string] | undefined> {
  const hosts = topology.hosts.filter(({ rootSandbox }) => rootSandbox !== undefined);
  if (hosts.length < 2) throw new Notice(vscode.l10n.t('This takes two hosts that were read. Add another one, or refresh the ones that are there.'), { title: vscode.l10n.t('Add SSH Host…'), run: () => vscode.commands.executeCommand('netnsExplorer.host.addSsh') });
  const answers = await wizard<{ readonly a?: string; readonly b?: string }>(title, from === undefined ? {} : { a: from }, [
    async (state, ask) => {
      if (from !== undefined) return 'skip';
      const a = await ask.pick(vscode.l10n.t('From which host?'), hosts.map(hostItem), state.a);
      return isAnswer(a) ? { ...state, a } : a;
    },
    async (state, ask) => {
      const b = await ask.pick(vscode.l10n.t('To which host?'), hosts.filter(({ id }) => id !== state.a).map(hostItem), state.b);
      return isAnswer(b) ? { ...state, b } : b;
    },
  ]);
  return answers?.a === undefined || answers.b === undefined ? undefined : [answers.a, answers.b];
}
