import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostGraph } from '../../src/core/diagram/hostGraph';
import type { Topology } from '../../src/core/model/topology';
import { makerOf } from '../../src/core/topology/makers';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { openTransport } from '../../src/host/openTransport';
import { startMachines, type Machines } from '../lab/machines/machines.mjs';
import { describeInLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { scan } from './scanSupport';

const addresses = ['192.168.57.11', '192.168.57.12'];

/**
 * What weaver and its fast datapath make: the datapath with its own device, `vethwe-bridge` ⇄ `vethwe-datapath` between it and the bridge `weave` (net/bridge.go), the VXLAN port
 * (router/fastdp.go; its device as vxlan_tnl_create of the kernel's vport-vxlan.c makes it), a container's veth (net/veth.go), and flows of one VNI between the ports.
 */
const plane = (at: number): string => `set -e
ovs-dpctl add-dp datapath
ip link set datapath mtu 1376 up
ip link add weave mtu 1376 type bridge
ip addr add 10.32.0.${String(at + 1)}/12 dev weave
ip link add vethwe-bridge mtu 1376 type veth peer name vethwe-datapath mtu 1376
ip link set vethwe-bridge master weave up
ip link set vethwe-datapath up
ip link set weave up
ovs-dpctl add-if datapath vethwe-datapath
ip link add vxlan-6784 type vxlan external dstport 6784 nolearning udp6zerocsumrx
ip link set vxlan-6784 up
ovs-dpctl add-if datapath vxlan-6784
ip netns add pod
ip link add vethwepl7 type veth peer name ethwe netns pod
ip link set vethwepl7 master weave up
ip -n pod link set lo up
ip -n pod link set ethwe mtu 1376 up
ip -n pod addr add 10.32.1.${String(at + 1)}/12 dev ethwe
for match in 'eth_type(0x0806),arp()' 'eth_type(0x0800),ipv4()'; do
  ovs-dpctl add-flow datapath "in_port(1),eth(),$match" "set(tunnel(tun_id=0x2a,src=${addresses[at] ?? ''},dst=${addresses[1 - at] ?? ''},ttl=64,flags(df|key))),2"
  ovs-dpctl add-flow datapath "tunnel(tun_id=0x2a,src=${addresses[1 - at] ?? ''},dst=${addresses[at] ?? ''},ttl=64/0,flags(+key)),in_port(2),eth(),$match" 1
done`;

describeInLab("Weave's fast datapath in the kernel's openvswitch module, on virtual machines; made by ovs-dpctl, a stand-in for weaver", () => {
  let machines: Machines | undefined;
  let topology: Topology;
  const run = (machine: string, script: string): string => machines!.run(machine, script);

  beforeAll(async () => {
    machines = await startMachines();
    machines.names.forEach((name, at) => run(name, plane(at)));
    const hosts = await Promise.all(
      machines.names.map(async (name) => {
        const transport = openTransport({ kind: 'ssh', host: name }, { questions: noQuestions, sshConfigFile: machines?.sshConfig ?? '' });
        try {
          return { id: `ssh://${name}`, label: name, snapshot: await scan(transport, { limitMs: 60_000 }) };
        } finally {
          transport.dispose();
        }
      }),
    );
    topology = buildTopology(hosts);
  }, 240_000);

  afterAll(() => machines?.stop());

  it('carries what one container sends to another one on the other host', () => {
    expect(run('vm1', 'ip netns exec pod ping -c 3 -W 5 10.32.1.2')).toMatch(/ [1-3] received|[1-3] packets received/);
  });

  it('is recognised: each of its devices is named for Weave, of the kind that ip tells, and on the bar that it is on', () => {
    const host = topology.host.get('ssh://vm1');
    expect(host?.errors).toEqual([]);
    const links = [...topology.link.values()].filter(({ id }) => id.startsWith('ssh://vm1'));
    const truth = (JSON.parse(run('vm1', 'ip -j -d link show')) as { readonly ifname: string; readonly master?: string; readonly linkinfo?: { readonly info_kind?: string } }[]).filter(({ ifname }) => /datapath|weave|vethwe|vxlan/.test(ifname));
    expect(truth.map(({ ifname }) => ifname).sort()).toEqual(['datapath', 'vethwe-bridge', 'vethwe-datapath', 'vethwepl7', 'vxlan-6784', 'weave']);
    for (const { ifname, master, linkinfo } of truth) {
      const node = links.find(({ link }) => link.name === ifname);
      expect([node?.link.kind, node?.link.master, node && makerOf(topology, node)?.name], ifname).toEqual([linkinfo?.info_kind, master, 'Weave']);
    }
    expect(links.find(({ link }) => link.name === 'datapath')?.link.kind).toBe('openvswitch');
    expect(links.find(({ link }) => link.name === 'vxlan-6784')?.link).toMatchObject({ master: 'datapath', vxlan: { external: true, port: 6784 } });
  });

  it('is drawn: a bar with its tunnel, joined by the veth pair to the bridge weave that the container is on', () => {
    const graph = hostGraph(topology, 'ssh://vm1');
    const name = (id: string): string => graph?.boxes.find((box) => box.id === id)?.lines[0] ?? '?';
    const edges = graph?.edges.map(({ kind, from, to }) => `${kind} ${[name(from), name(to)].sort().join(' - ')}`);
    expect(edges).toEqual(expect.arrayContaining(['bridgePort datapath - weave', 'bridgePort datapath - vxlan-6784', 'bridgePort datapath - vethwe-datapath', 'bridgePort vethwe-bridge - weave', 'veth ethwe - vethwepl7']));
    expect(graph?.boxes.find((box) => box.lines[0] === 'datapath')).toMatchObject({ kind: 'bridge', lines: ['datapath', 'Open vSwitch datapath · MTU 1376'] });
  });
});
