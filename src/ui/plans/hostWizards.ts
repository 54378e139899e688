import * as vscode from 'vscode';
import type { HostNode, LinkNode, Topology } from '../../core/model/topology';
import { bridgePlan, portPlan, vlanPlan } from '../../core/plan/bridgePlans';
import { docker0Plan, type DaemonFile } from '../../core/plan/docker0Plan';
import { exposePlan, subnetOutPlan } from '../../core/plan/hostPlans';
import type { RuleTool } from '../../core/plan/outRules';
import { formatIpv4, networkOf, overlaps, parseIpv4, parsePrefix } from '../../core/model/ipv4';
import { PlanRefused, type Plan } from '../../core/plan/plan';
import { wirePlan, type WireRequest, type WireTo } from '../../core/plan/wirePlan';
import { Notice } from '../notice';
import { attempt, isAnswer, refusalOf } from './answers';
import { wizard, type StepResult, type WizardItem } from './wizard';

/** A namespace to wire or to name, and what it is called. */
export interface Wired {
  readonly hostId: string;
  readonly sandboxId: string;
  readonly called: string;
}

export async function askWire(topology: Topology, { hostId, sandboxId, called }: Wired): Promise<Plan | undefined> {
  interface Answers {
    readonly to: WireTo | undefined;
    readonly more: Partial<WireRequest>;
  }
  const request = ({ to, more }: Answers): WireRequest => ({ hostId, sandboxId, called, to: to ?? { kind: 'bridge', name: '' }, ...more });
  const host = hostNode(topology, hostId);
  const answers = await wizard<Answers>(vscode.l10n.t('Wire {0} to a Bridge', called), { to: undefined, more: {} }, [
    async (state, ask) => {
      const ovs: WireTo = { kind: 'ovs', name: '' };
      const items: WizardItem<WireTo>[] = [
        ...rootLinks(host, topology).filter(({ link }) => link.kind === 'bridge').map((node) => ({ label: node.link.name, description: bridgeText(node, host), value: { kind: 'bridge', name: node.link.name } as const })),
        { label: vscode.l10n.t('A bridge of Open vSwitch…'), value: ovs },
        { label: vscode.l10n.t('by a macvlan'), kind: vscode.QuickPickItemKind.Separator },
        ...rootLinks(host, topology).filter(({ link }) => link.linkType === 'ether' && link.kind !== 'bridge' && link.master === undefined && link.flags.includes('UP')).map(({ link }) => ({ label: link.name, description: addressesOf(link), value: { kind: 'parent', name: link.name } as const })),
      ];
      const to = await ask.pick(vscode.l10n.t('To which bridge or device of {0}?', host.label), items, state.to);
      if (!isAnswer(to)) return to;
      if (to !== ovs) return { ...state, to };
      const name = await ask.input(vscode.l10n.t('Name of the bridge, as "ovs-vsctl list-br" shows it'), '', () => undefined);
      return isAnswer(name) ? { ...state, to: { kind: 'ovs', name: name.text } } : name;
    },
    async (state, ask) => {
      const { address, ...more } = state.more;
      const put = (text: string): Answers => ({ ...state, more: text === '' ? more : { ...more, address: text } });
      const typed = await ask.input(vscode.l10n.t('Address with its prefix length. Empty: none.'), address ?? freeAddress(topology, host, state.to) ?? '', (text) => refusalOf(() => wirePlan(request(put(text)), topology)));
      return isAnswer(typed) ? put(typed.text) : typed;
    },
    async (state, ask): Promise<StepResult<Answers>> => {
      let now = state;
      const field = async (name: 'gateway' | 'mac' | 'name', prompt: string): Promise<void> => {
        const { [name]: value, ...more } = now.more;
        const put = (text: string): Answers => ({ ...now, more: text === '' ? more : { ...more, [name]: text } });
        const typed = await ask.input(prompt, value ?? '', (text) => refusalOf(() => wirePlan(request(put(text)), topology)));
        if (isAnswer(typed)) now = put(typed.text);
      };
      const number = async (name: 'vlan' | 'mtuBytes', prompt: string): Promise<void> => {
        const { [name]: value, ...more } = now.more;
        const put = (text: string): Answers => ({ ...now, more: text === '' ? more : { ...more, [name]: Number(text) } });
        const typed = await ask.input(prompt, value === undefined ? '' : String(value), (text) => refusalOf(() => wirePlan(request(put(text)), topology)));
        if (isAnswer(typed)) now = put(typed.text);
      };
      for (;;) {
        const made = attempt(() => wirePlan(request(now), topology));
        const { gateway, mac, name, vlan, mtuBytes } = now.more;
        const items: WizardItem<'plan' | 'gateway' | 'mac' | 'name' | 'vlan' | 'mtuBytes'>[] = [
          planItem(made),
          { label: vscode.l10n.t('defaults'), kind: vscode.QuickPickItemKind.Separator },
          { label: vscode.l10n.t('Gateway'), description: gateway ?? vscode.l10n.t('none'), value: 'gateway' },
          { label: vscode.l10n.t('VLAN Tag'), description: vlan === undefined ? vscode.l10n.t('none') : String(vlan), value: 'vlan' },
          { label: vscode.l10n.t('Name of the Interface'), description: name ?? vscode.l10n.t('the first free one'), value: 'name' },
          { label: 'MAC', description: mac ?? vscode.l10n.t('made by the kernel'), value: 'mac' },
          { label: 'MTU', description: mtuBytes === undefined ? vscode.l10n.t('the bridge\'s') : String(mtuBytes), value: 'mtuBytes' },
        ];
        const chosen = await ask.pick(vscode.l10n.t('Change what is to be otherwise, then show the plan.'), items, 'plan');
        if (!isAnswer(chosen)) return chosen;
        if (chosen === 'plan') return now;
        if (chosen === 'vlan') await number('vlan', vscode.l10n.t('1 to 4094. Empty: none.'));
        else if (chosen === 'mtuBytes') await number('mtuBytes', vscode.l10n.t('Bytes. Empty: the bridge\'s.'));
        else await field(chosen, { gateway: vscode.l10n.t('IPv4 address of the default gateway. Empty: none.'), mac: vscode.l10n.t('Such as 02:42:ac:11:00:05. Empty: made by the kernel.'), name: vscode.l10n.t('In the namespace. Empty: the first free one of eth1, eth2, …') }[chosen]);
      }
    },
  ]);
  return answers === undefined ? undefined : wirePlan(request(answers), topology);
}

export async function askBridge(topology: Topology, hostId: string): Promise<Plan | undefined> {
  interface Answers {
    readonly name: string;
    readonly address?: string;
    readonly options: readonly ('stp' | 'vlanFiltering')[];
  }
  const make = ({ name, address, options }: Answers): Plan => bridgePlan({ hostId, name, stp: options.includes('stp'), vlanFiltering: options.includes('vlanFiltering'), ...(address !== undefined && { address }) }, topology);
  const answers = await wizard<Answers>(vscode.l10n.t('Create Bridge on {0}', hostNode(topology, hostId).label), { name: '', options: [] }, [
    async (state, ask) => {
      const typed = await ask.input(vscode.l10n.t('Name of the bridge'), state.name, (text) => refusalOf(() => make({ ...state, name: text })));
      return isAnswer(typed) ? { ...state, name: typed.text } : typed;
    },
    async (state, ask) => {
      const { address, ...without } = state;
      const put = (text: string): Answers => (text === '' ? without : { ...without, address: text });
      const typed = await ask.input(vscode.l10n.t('Its address with the prefix length. Empty: none.'), address ?? '', (text) => refusalOf(() => make(put(text))));
      return isAnswer(typed) ? put(typed.text) : typed;
    },
    async (state, ask) => {
      const chosen = await ask.pickMany<'stp' | 'vlanFiltering'>(vscode.l10n.t('Options. None is an answer too.'), [
        { label: 'STP', description: vscode.l10n.t('spanning tree: ports wait before they forward'), value: 'stp' },
        { label: vscode.l10n.t('VLAN filtering'), description: vscode.l10n.t('ports are in VLANs'), value: 'vlanFiltering' },
      ]);
      return isAnswer(chosen) ? { ...state, options: chosen } : chosen;
    },
  ]);
  return answers === undefined ? undefined : make(answers);
}

/** @param bridge of the host, which a device is to become a port of */
export async function askPort(topology: Topology, hostId: string, bridge: string): Promise<Plan | undefined> {
  const host = hostNode(topology, hostId);
  const possible = rootLinks(host, topology).map(({ link }) => ({ link, made: attempt(() => portPlan({ hostId, bridge, device: link.name }, topology)) }));
  const items = possible.flatMap(({ link, made }): WizardItem<Plan>[] => (typeof made === 'string' || link.master !== undefined ? [] : [{ label: link.name, description: [link.kind ?? '', addressesOf(link)].filter((part) => part !== '').join(' · '), value: made }]));
  if (items.length === 0) throw new Notice(vscode.l10n.t('No device of {0} is free to become a port of {1}.', host.label, bridge));
  const answers = await wizard<{ readonly plan?: Plan }>(vscode.l10n.t('Add Port to {0}', bridge), {}, [
    async (_state, ask) => {
      const plan = await ask.pick(vscode.l10n.t('Which device?'), items);
      return isAnswer(plan) ? { plan } : plan;
    },
  ]);
  return answers?.plan;
}

export async function askVlan(topology: Topology, hostId: string, device: string): Promise<Plan | undefined> {
  const numbers = (text: string): { readonly vlan: number; readonly from?: number } => {
    const [vlan, from] = text.split(/\s+/);
    return { vlan: Number(vlan), ...(from !== undefined && { from: Number(from) }) };
  };
  const answers = await wizard<{ readonly text: string }>(vscode.l10n.t('Set VLAN Tag of {0}', device), { text: '' }, [
    (state, ask) => ask.input(vscode.l10n.t('The tag, 1 to 4094; behind it the present one, to have it checked'), state.text, (text) => refusalOf(() => vlanPlan({ hostId, device, ...numbers(text) }, topology))),
  ]);
  return answers === undefined ? undefined : vlanPlan({ hostId, device, ...numbers(answers.text) }, topology);
}

/** @param subnets of the network that the command was called on; `usual`: what the host keeps its rules with */
export async function askSubnetOut(topology: Topology, hostId: string, subnets: readonly string[], usual: RuleTool): Promise<Plan | undefined> {
  interface Answers {
    readonly subnet: string;
    readonly tool: RuleTool;
  }
  const host = hostNode(topology, hostId);
  const make = (answers: Answers): Plan => subnetOutPlan({ hostId, ...answers }, topology);
  const answers = await wizard<Answers>(vscode.l10n.t('Allow Subnet Out by {0}', host.label), { subnet: subnets.find((subnet) => parsePrefix(subnet) !== undefined) ?? '', tool: usual }, [
    async (state, ask) => {
      const typed = await ask.input(vscode.l10n.t('The subnet that is to reach the outside with the host\'s address'), state.subnet, (text) => refusalOf(() => make({ ...state, subnet: text })));
      return isAnswer(typed) ? { ...state, subnet: typed.text } : typed;
    },
    async (state, ask) => {
      const tool = await ask.pick<RuleTool>(vscode.l10n.t('By which rules?'), [
        { label: 'iptables', description: vscode.l10n.t('beside those of Docker'), value: 'iptables' },
        { label: 'nft', description: vscode.l10n.t('a table of its own'), value: 'nft' },
      ], state.tool);
      return isAnswer(tool) ? { ...state, tool } : tool;
    },
  ]);
  return answers === undefined ? undefined : make(answers);
}

export async function askExpose(topology: Topology, { hostId, sandboxId, called }: Wired): Promise<Plan | undefined> {
  const make = (name: string): Plan => exposePlan({ hostId, sandboxId, name }, topology);
  const answers = await wizard<{ readonly text: string }>(vscode.l10n.t('Expose {0} to ip netns', called), { text: called.replace(/[^A-Za-z0-9_.-]/g, '-').replace(/^[.-]+/, '').slice(0, 64) }, [
    (state, ask) => ask.input(vscode.l10n.t('Its name for "ip netns"'), state.text, (text) => refusalOf(() => make(text))),
  ]);
  return answers === undefined ? undefined : make(answers.text);
}

export async function askDocker0(topology: Topology, hostId: string, file: DaemonFile): Promise<Plan | undefined> {
  interface Answers {
    readonly bip: string;
    readonly fixedCidr?: string;
    readonly restart?: boolean;
  }
  const make = (answers: Answers): Plan => docker0Plan({ hostId, file, ...answers }, topology);
  const answers = await wizard<Answers>(vscode.l10n.t('Use Subnet for docker0 of {0}', hostNode(topology, hostId).label), { bip: '' }, [
    async (state, ask) => {
      const typed = await ask.input(vscode.l10n.t('docker0\'s own address with the prefix length, such as 172.20.0.1/16'), state.bip, (text) => refusalOf(() => make({ bip: text })));
      return isAnswer(typed) ? { bip: typed.text } : typed;
    },
    async (state, ask) => {
      const put = (text: string): Answers => ({ bip: state.bip, ...(text !== '' && { fixedCidr: text }) });
      const typed = await ask.input(vscode.l10n.t('The part of it that containers get addresses of. Empty: all of it.'), state.fixedCidr ?? '', (text) => refusalOf(() => make(put(text))));
      return isAnswer(typed) ? put(typed.text) : typed;
    },
    async (state, ask) => {
      const running = hostNode(topology, hostId).containers.filter((container) => container.running).map(({ name }) => name);
      const stopped = running.length === 0 ? vscode.l10n.t('no container runs there now') : vscode.l10n.t('stops, unless live-restore is on: {0}', running.join(', '));
      const restart = await ask.pick<boolean>(vscode.l10n.t('The engine takes it in when it starts anew. Restart it, too?'), [
        { label: vscode.l10n.t('Only Write the File'), description: vscode.l10n.t('nothing is stopped'), value: false },
        { label: vscode.l10n.t('Restart the Engine, by systemd'), detail: stopped, value: true },
      ], state.restart ?? false);
      return isAnswer(restart) ? { ...state, restart } : restart;
    },
  ]);
  return answers === undefined ? undefined : make(answers);
}

function hostNode(topology: Topology, hostId: string): HostNode {
  const host = topology.host.get(hostId);
  if (host === undefined) throw new PlanRefused(`${hostId} has not been read, so nothing can be planned there. Refresh it first.`);
  return host;
}

function rootLinks(host: HostNode, topology: Topology): readonly LinkNode[] {
  return (host.rootSandbox === undefined ? undefined : topology.sandbox.get(host.rootSandbox))?.links ?? [];
}

function addressesOf(link: LinkNode['link']): string {
  return link.addresses.filter(({ family }) => family === 'inet').map(({ address, prefixLength }) => `${address}/${String(prefixLength)}`).join(', ');
}

function bridgeText(node: LinkNode, host: HostNode): string {
  const network = host.networks.find(({ bridgeLinkId }) => bridgeLinkId === node.id);
  return [...(network === undefined ? [] : [network.name]), addressesOf(node.link), ...(node.link.bridge?.vlanFiltering === true ? [vscode.l10n.t('VLAN filtering')] : [])].filter((part) => part !== '').join(' · ');
}

/** An address of the bridge's first subnet that nobody who was read has, from the end: engines give them from the beginning. */
function freeAddress(topology: Topology, host: HostNode, to: WireTo | undefined): string | undefined {
  const node = rootLinks(host, topology).find(({ link }) => link.name === to?.name);
  const own = to?.kind === 'bridge' ? node?.link.addresses.find(({ family }) => family === 'inet') : undefined;
  if (own === undefined || own.prefixLength > 30) return undefined;
  const network = networkOf({ address: parseIpv4(own.address) ?? 0, length: own.prefixLength });
  const size = 2 ** (32 - own.prefixLength);
  for (let at = size - 2; at > 0 && at > size - 4096; at--) {
    const address = network.address + at;
    if (!overlaps(network, { address, length: 32 })) break;
    if (!topology.known.has(formatIpv4(address))) return `${formatIpv4(address)}/${String(own.prefixLength)}`;
  }
  return undefined;
}

function planItem(made: Plan | string): WizardItem<'plan'> {
  return typeof made === 'string' ? { label: vscode.l10n.t('✗ It cannot be so'), detail: made } : { label: vscode.l10n.t('Show the Plan'), description: vscode.l10n.t('nothing is run yet'), value: 'plan' };
}
