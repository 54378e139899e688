import { describe, expect, it } from 'vitest';
import type { Link } from '../../../src/core/model/link';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { makerOf, makerText } from '../../../src/core/topology/makers';
import { aContainer, aLink, aNamespace, aNetwork, anEngine, anId, aSnapshot, aVeth, processIn } from './builders';

const vxlan = (vni: number, port: number): Partial<Link> => ({ kind: 'vxlan', vxlan: { vni, port, learning: false, proxy: false, l2miss: false, l3miss: false } });

function makersOf(links: readonly Link[]): Readonly<Record<string, string | undefined>> {
  const topology = buildTopology([{ id: 'local', label: 'node', snapshot: aSnapshot([aNamespace(1, { links })]) }]);
  return Object.fromEntries([...topology.link.values()].map((node) => [node.link.name, makerOf(topology, node)?.name]));
}

describe('what made a device', () => {
  it('is told by names, kinds and numbers together', () => {
    expect(
      makersOf([
        aLink(2, { name: 'weave', kind: 'bridge' }),
        aLink(3, { name: 'vxlan-6784', ...vxlan(1, 6784) }),
        aLink(4, { name: 'flannel.1', ...vxlan(1, 8472) }),
        aLink(5, { name: 'flannel0', tun: { layer: 'tun', persistent: false }, kind: 'tun' }),
        aLink(6, { name: 'cni0', kind: 'bridge' }),
        aLink(7, { name: 'cali0123456789a', kind: 'veth' }),
        aLink(8, { name: 'cilium_vxlan', ...vxlan(0, 8472) }),
        aLink(9, { name: 'docker_gwbridge', kind: 'bridge' }),
        aLink(10, { name: 'kube-ipvs0', kind: 'dummy' }),
      ]),
    ).toEqual({
      weave: 'Weave',
      'vxlan-6784': 'Weave',
      'flannel.1': 'flannel (vxlan)',
      flannel0: 'flannel (udp)',
      cni0: 'the CNI bridge plug-in',
      cali0123456789a: 'Calico',
      cilium_vxlan: 'Cilium',
      docker_gwbridge: 'Docker (gateway bridge of overlays)',
      'kube-ipvs0': 'kube-proxy (IPVS)',
    });
  });

  it('is not told where only the name fits', () => {
    expect(makersOf([aLink(2, { name: 'weave', kind: 'dummy' }), aLink(3, { name: 'flannel.1', ...vxlan(7, 8472) }), aLink(4, { name: 'cni0', kind: 'veth' }), aLink(5, { name: 'eth0' })])).toEqual({
      weave: undefined,
      'flannel.1': undefined,
      cni0: undefined,
      eth0: undefined,
    });
  });

  describe("of a container's veth", () => {
    function within(outer: string, mac: string): string | undefined {
      const id = anId('a');
      const network = aNetwork('n', { endpoints: [{ containerId: id, name: 'c-a', endpointId: 'e', mac: '02:42:ac:11:00:02', ipv4: '172.17.0.2/16' }] });
      const hosted = aContainer('h', { pid: 12, networkMode: 'host' });
      const container = aContainer('a', { pid: 4711, networks: [{ networkId: 'n', networkName: 'n-n', endpointId: 'e', mac: '02:42:ac:11:00:02', ipv4: '172.17.0.2' }] });
      const own = aVeth(10, 11, 0, { name: 'eth0', mac: '02:42:ac:11:00:02' });
      const extra = aVeth(20, 21, 0, { name: 'eth1', mac });
      const snapshot = aSnapshot(
        [
          aNamespace(1, { processCount: 1, processes: [processIn(`0::/docker/${hosted.id}`, 12)], links: [aVeth(11, 10, 5, { name: 'veth0' }), aVeth(21, 20, 5, { name: outer })] }),
          aNamespace(2, { links: [own, extra], processCount: 1, processes: [processIn(`0::/docker/${id}`, 4711)] }),
        ],
        anEngine([network], [container, hosted]),
      );
      const topology = buildTopology([{ id: 'local', label: 'node', snapshot }]);
      const told = (name: string): string | undefined => {
        const node = [...topology.link.values()].find(({ link }) => link.name === name);
        const maker = node && makerOf(topology, node);
        return maker && makerText(maker);
      };
      expect(told('eth0')).toBeUndefined();
      expect(told('veth0')).toBeUndefined();
      expect(told(outer)).toBe(told('eth1'));
      return told('eth1');
    }

    it("says pipework by its name on the host and the container's process in it", () => {
      expect(within('veth1pl4711', '02:00:00:00:00:01')).toBe('pipework (its end on the host is veth1pl4711, as pipework names it; 4711 is a process in c-a; no network of the engine has this device of c-a)');
    });

    it('says start-container.sh', () => {
      expect(within('tap4711', '02:00:00:00:00:01')).toMatch(/^a start-container\.sh script \(/);
    });

    it('says that no engine made it where nothing else is known', () => {
      expect(within('byhand', '02:00:00:00:00:01')).toBe('no engine (no network of the engine has this device of c-a; its other end is byhand)');
    });
  });
});
