import { tunnelKinds, type TunnelKind } from '../../core/plan/tunnelDevice';
import { tunnelPlan, type ForeignSide, type TunnelRequest } from '../../core/plan/tunnelPlan';
import { printable } from '../../core/report/printable';
import { usageError } from '../arguments';
import type { ReadHosts } from '../readHosts';
import { numberOf, textOf, textsOf, type PlanValues, type PlanVerb } from './planVerb';

const pairs = ['underlay', 'address', 'bridge'] as const;

export const tunnelVerbs: readonly PlanVerb[] = tunnelKinds.map((kind) => ({
  name: kind,
  hosts: [1, 2],
  options: {
    remote: { type: 'string' },
    underlay: { type: 'string', multiple: true },
    address: { type: 'string', multiple: true },
    bridge: { type: 'string', multiple: true },
    behind: { type: 'string', multiple: true },
    key: { type: 'string' },
    ttl: { type: 'string' },
    mtu: { type: 'string' },
    name: { type: 'string' },
    forward: { type: 'boolean' },
  },
  make: (values, read) => tunnelPlan(requestOf(kind, values, read), read.topology),
}));

function requestOf(kind: TunnelKind, values: PlanValues, read: ReadHosts): TunnelRequest {
  const remote = textOf(values, 'remote');
  if ((remote === undefined) !== (read.hosts.length === 2)) throw usageError('plan', 'A tunnel is between two hosts: name both with --host, or the one and the other\'s address with --remote');
  for (const name of pairs) {
    const { length } = textsOf(values, name);
    if (length !== 0 && length !== 2 && !(remote !== undefined && length === 1 && name !== 'address')) throw usageError('plan', `--${name} is given twice, for the hosts in their order, or not at all`);
  }
  const behind = textsOf(values, 'behind').map((text) => {
    const found = /^([12]):(.+)$/s.exec(text);
    if (found === null) throw usageError('plan', `--behind takes 1: or 2:, for the first or second host, and a network, such as 2:172.18.0.0/16; not "${printable(text)}"`);
    return { side: Number(found[1]) - 1, network: found[2] ?? '' };
  });
  const side = (at: 0 | 1): TunnelRequest['sides'][0] => ({
    hostId: read.hosts[at]?.transport.id ?? '',
    behind: behind.filter((each) => each.side === at).map(({ network }) => network),
    ...Object.fromEntries(pairs.flatMap((name) => {
      const value = textsOf(values, name)[at];
      return value === undefined ? [] : [[name, value]];
    })),
  });
  const name = textOf(values, 'name');
  return {
    kind,
    sides: [side(0), remote === undefined ? side(1) : foreignSide(remote, textsOf(values, 'address')[1], behind.filter((each) => each.side === 1).map(({ network }) => network))],
    ...numberOf(values, 'key', 'key'),
    ...numberOf(values, 'ttl', 'ttl'),
    ...numberOf(values, 'mtu', 'mtuBytes'),
    ...(name !== undefined && { name }),
    ...(values['forward'] === true && { forward: true }),
  };
}

function foreignSide(foreign: string, address: string | undefined, behind: readonly string[]): ForeignSide {
  return { foreign, behind, ...(address !== undefined && { address }) };
}
