import type { HostId } from '../model/address';
import type { PlanStep, Precondition } from './plan';
import { script } from './planParts';
import type { RootOfHost } from './planHosts';

/*
 * What plans for Open vSwitch have in common: what must hold, and the steps that make its bridges and ports, with the plan's id in their external ids.
 */

/** `netdev`: in user space, where the kernel has no openvswitch module (ovs-vswitchd.conf.db(5), Bridge, datapath_type). */
export type OvsDatapath = 'system' | 'netdev';

/** That Open vSwitch runs, both halves of it: without ovs-vswitchd the database would take what nothing then does. */
export function switchConditions({ host }: RootOfHost, datapath: OvsDatapath | undefined): Precondition[] {
  const hostId = host.id;
  return [
    { hostId, what: 'Open vSwitch is installed', argv: script('command -v ovs-vsctl >/dev/null && command -v ovs-appctl >/dev/null'), mend: `Open vSwitch is not installed on ${host.label}. Install the package openvswitch-switch.` },
    { hostId, what: 'its database answers', argv: script('ovs-vsctl --timeout=5 --no-wait list-br >/dev/null 2>&1'), mend: `The database of Open vSwitch on ${host.label} does not answer. Start openvswitch-switch, or look at the log of ovsdb-server.` },
    { hostId, what: 'its switch runs', argv: script('ovs-appctl --timeout=5 -t ovs-vswitchd version >/dev/null 2>&1'), mend: `The database of Open vSwitch on ${host.label} answers, but ovs-vswitchd does not run: nothing would be switched. Start openvswitch-switch.` },
    ...(datapath === 'system'
      ? [{ hostId, what: 'the kernel has openvswitch', argv: script('[ -d /sys/module/openvswitch ] || modprobe -n -q openvswitch 2>/dev/null || grep -q "/openvswitch.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null'), mend: `The kernel of ${host.label} has no openvswitch module. Take the datapath netdev, in user space, or install the module.` }]
      : []),
  ];
}

export function bridgeCondition({ host }: RootOfHost, bridge: string): Precondition {
  return { hostId: host.id, what: `there is a bridge ${bridge}`, argv: script('ovs-vsctl --timeout=5 br-exists "$1"', bridge), mend: `Open vSwitch on ${host.label} has no bridge ${bridge}. Plan the bridge too, or name another one.` };
}

export function ovsBridgeStep(hostId: HostId, bridge: string, datapath: OvsDatapath, id: string, stp: boolean): PlanStep {
  return {
    hostId,
    what: `make the bridge ${bridge}`,
    argv: ['ovs-vsctl', '--timeout=10', 'add-br', bridge, '--', 'set', 'Bridge', bridge, `datapath_type=${datapath}`, `external_ids:netns-explorer=${id}`, ...(stp ? ['stp_enable=true'] : [])],
    undo: ['ovs-vsctl', '--timeout=10', '--if-exists', 'del-br', bridge],
    done: script('[ "$(ovs-vsctl --timeout=5 br-get-external-id "$1" netns-explorer 2>/dev/null)" = "$2" ]', bridge, id),
  };
}

/** Whether the interface $1 has the plan's id, $2. */
export const hasInterfaceMark = '[ "$(ovs-vsctl --timeout=5 --if-exists get Interface "$1" external_ids:netns-explorer 2>/dev/null | tr -d \'"\')" = "$2" ]';

/** A device of the host as a port. */
export function ovsPortStep(hostId: HostId, bridge: string, port: string, vlan: number | undefined, id: string): PlanStep {
  return {
    hostId,
    what: `make ${port} a port of ${bridge}${vlan === undefined ? '' : `, tag ${String(vlan)}`}`,
    argv: ['ovs-vsctl', '--timeout=10', 'add-port', bridge, port, ...(vlan === undefined ? [] : [`tag=${String(vlan)}`]), '--', 'set', 'Interface', port, `external_ids:netns-explorer=${id}`],
    undo: ['ovs-vsctl', '--timeout=10', '--if-exists', 'del-port', bridge, port],
    done: script(hasInterfaceMark, port, id),
  };
}
