import type { HostId } from '../model/address';
import type { HostNode } from '../model/topology';
import { planMark, type Argv, type PlanStep, type Precondition } from './plan';
import { script } from './planParts';

/*
 * The rules that let what is behind a device out by its host, as the tutorials' iptables.sh makes them.
 */

/** Which program the host's own rules are kept with. */
export type RuleTool = 'iptables' | 'nft';

export function outConditions({ id: hostId, label }: HostNode, tool: RuleTool): Precondition[] {
  return [
    { hostId, what: `${tool} is there`, argv: script('command -v "$1" >/dev/null', tool), mend: `${tool} is not installed on ${label}. Take ${tool === 'iptables' ? 'nft' : 'iptables'}, or install it.` },
    { hostId, what: 'the host forwards packets (net.ipv4.ip_forward)', argv: script('[ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ]'), mend: `${label} does not forward packets. Plan "Enable Forwarding" first.` },
  ];
}

/**
 * @param subnet a network, with its prefix length
 * @param id the plan's, which is in each rule's comment, or in the table's name
 */
export function outSteps(hostId: HostId, subnet: string, device: string, tool: RuleTool, id: string): PlanStep[] {
  return tool === 'iptables' ? iptablesSteps(hostId, subnet, device, planMark(id)) : nftSteps(hostId, subnet, device, id);
}

function iptablesSteps(hostId: string, subnet: string, device: string, mark: string): PlanStep[] {
  const comment = ['-m', 'comment', '--comment', mark] as const;
  const rule = (what: string, table: readonly string[], chain: string, ...spec: string[]): PlanStep => {
    const argv = (verb: string): Argv => ['iptables', '-w', ...table, verb, chain, ...spec.slice(0, -2), ...comment, ...spec.slice(-2)];
    return { hostId, what, argv: argv('-I'), undo: argv('-D'), done: argv('-C') };
  };
  return [
    rule(`give packets of ${subnet} the host's address when they leave it`, ['-t', 'nat'], 'POSTROUTING', '-s', subnet, '!', '-d', subnet, '-j', 'MASQUERADE'),
    rule(`let packets from ${device} out`, [], 'FORWARD', '-i', device, '!', '-o', device, '-j', 'ACCEPT'),
    rule(`let packets within ${device} through`, [], 'FORWARD', '-i', device, '-o', device, '-j', 'ACCEPT'),
    rule('let the answers in', [], 'FORWARD', '-o', device, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', '-j', 'ACCEPT'),
  ];
}

const nftTable = (id: string): string => `netns_explorer_${id}`;

/** One table of the plan's own, made and deleted as one. */
function nftSteps(hostId: string, subnet: string, device: string, id: string): PlanStep[] {
  const table = nftTable(id);
  const text = [
    `table ip ${table} {`,
    `chain postrouting { type nat hook postrouting priority 100; ip saddr ${subnet} ip daddr != ${subnet} masquerade; };`,
    `chain forward { type filter hook forward priority -1; iifname "${device}" accept; oifname "${device}" ct state related,established accept; };`,
    '}',
  ].join(' ');
  return [{ hostId, what: `make the table ${table}`, argv: ['nft', text], undo: ['nft', 'delete', 'table', 'ip', table], done: script('nft list table ip "$1" >/dev/null 2>&1', table) }];
}

/** For who knows only a plan's id: its table of nft. */
export function madeTableStep(hostId: HostId, id: string): PlanStep {
  const table = nftTable(id);
  return { hostId, what: `the table ${table}`, argv: ['true'], undo: ['nft', 'delete', 'table', 'ip', table], done: script('nft list table ip "$1" >/dev/null 2>&1', table) };
}
