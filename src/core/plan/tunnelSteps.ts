import type { HostId } from '../model/address';
import { addressStep, markStep, masterStep, onHost, routeStep, stepOf, upStep } from './linkSteps';
import type { Argv, PlanStep } from './plan';
import { script } from './planParts';
import { tunnelPorts, type TunnelDevice } from './tunnelDevice';

/** What makes the device, in order, with what undoes it. `mark` absent: a device that carries no plan's mark. */
export function deviceSteps(device: TunnelDevice, mark: string | undefined): readonly PlanStep[] {
  const { hostId, name, bridge, remote, via } = device;
  const place = onHost(hostId, mark);
  const step = stepOf(hostId);
  // Ours by its mark; where that is not there yet, or not any more, by its far end.
  const made = script('[ -e "/sys/class/net/$1" ] || exit 1; a=$(cat "/sys/class/net/$1/ifalias"); [ "$a" = "$2" ] || { [ -z "$a" ] && ip -d link show dev "$1" | grep -qF " remote $3 "; }', name, mark ?? '', remote);
  const found = script('[ -e "/sys/class/net/$1" ] && ip -d link show dev "$1" | grep -qF " remote $2 "', name, remote);
  return [
    step(`make the device ${name}`, ['ip', 'link', 'add', 'name', name, 'mtu', String(device.mtuBytes), 'type', ...typeArguments(device)], ['ip', 'link', 'del', 'dev', name], mark === undefined ? found : made),
    ...(mark === undefined ? [] : [markStep(place, name)]),
    ...device.addresses.map((address) => addressStep(place, name, address)),
    ...(bridge === undefined ? [] : [masterStep(place, name, bridge)]),
    upStep(place, name),
    ...device.routes.map((network) => routeStep(place, name, network, via)),
    ...(device.forward && mark !== undefined ? (['-i', '-o'] as const).map((way) => forwardRule(hostId, way, name, mark)) : []),
  ];
}

/** What follows `type` for iproute2 (ip-link(8)). */
export function typeArguments(device: TunnelDevice): Argv {
  const { kind, local, remote, ttl, key, vni, port } = device;
  const ends = [...(local === undefined ? [] : ['local', local]), 'remote', remote, ...(ttl === undefined ? [] : ['ttl', String(ttl)])];
  switch (kind) {
    case 'gre':
    case 'gretap':
      return [kind, ...ends, ...(key === undefined ? [] : ['key', String(key)])];
    case 'ipip':
      // Without a mode it would take MPLS too.
      return [kind, 'mode', 'ipip', ...ends];
    case 'vxlan':
    case 'geneve':
      return [kind, 'id', String(vni), ...ends, 'dstport', String(port ?? tunnelPorts[kind])];
  }
}

function forwardRule(hostId: HostId, way: '-i' | '-o', name: string, mark: string): PlanStep {
  const rule = ['FORWARD', way, name, '-m', 'comment', '--comment', mark, '-j', 'ACCEPT'] as const;
  return stepOf(hostId)(`let packets ${way === '-i' ? 'from' : 'to'} it through`, ['iptables', '-w', '-I', ...rule], ['iptables', '-w', '-D', ...rule], ['iptables', '-w', '-C', ...rule]);
}
