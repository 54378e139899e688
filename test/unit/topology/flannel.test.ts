import { describe, expect, it } from 'vitest';
import type { FlannelFacts } from '../../../src/core/model/flannel';
import type { Link, Route } from '../../../src/core/model/link';
import type { Topology } from '../../../src/core/model/topology';
import { scanTable } from '../../../src/core/report/scanTable';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { flannelOf, flannelText } from '../../../src/core/topology/flannel';
import { madeDevices } from '../../../src/core/topology/makers';
import { aLink, aNamespace, aSnapshot } from './builders';

const file: FlannelFacts = { network: '10.244.0.0/16', subnet: '10.244.1.1/24', mtuBytes: 1500, masquerade: true };
const aRoute = (destination: string, device: string, more: Partial<Route> = {}): Route => ({ family: 'inet', destination, device, type: 'unicast', table: 'main', ...more });
const own = [aRoute('default', 'eth0', { gateway: '192.0.2.1' }), aRoute('10.244.1.0/24', 'cni0', { protocol: 'kernel', scope: 'link' }), aRoute('172.30.0.0/24', 'eth0', { gateway: '192.0.2.9' })];
const eth0 = aLink(2, { name: 'eth0' });

function topologyOf(links: readonly Link[], routes: readonly Route[], flannel?: FlannelFacts): Topology {
  return buildTopology([{ id: 'local', label: 'node', snapshot: aSnapshot([aNamespace(1, { links, routes, processCount: 1 })], undefined, { ...(flannel && { flannel }) }) }]);
}
const told = (topology: Topology): string | undefined => {
  const flannel = flannelOf(topology, topology.hosts[0]!);
  return flannel && flannelText(flannel);
};

describe("flannel's backend", () => {
  it('is host-gw where routes lead to subnets of its network over other hosts, and none but those are its', () => {
    const topology = topologyOf([eth0], [...own, aRoute('10.244.2.0/24', 'eth0', { gateway: '192.0.2.3' }), aRoute('10.244.3.0/24', 'eth0', { gateway: '192.0.2.4', table: 'local' })], file);
    expect(told(topology)).toBe("host-gw, network 10.244.0.0/16, this host's 10.244.1.1/24, MTU 1500, 1 route");
    expect(flannelOf(topology, topology.hosts[0]!)).toMatchObject({ backend: 'host-gw', device: 'eth0', routes: [{ destination: '10.244.2.0/24', gateway: '192.0.2.3', device: 'eth0' }] });
    expect(scanTable(topology)).toContain("\n  flannel: host-gw, network 10.244.0.0/16, this host's 10.244.1.1/24, MTU 1500, 1 route\n    10.244.2.0/24 via 192.0.2.3 on eth0\n");
  });

  it('is not told by routes alone, nor by the file alone', () => {
    const routes = [...own, aRoute('10.244.2.0/24', 'eth0', { gateway: '192.0.2.3' })];
    expect(told(topologyOf([eth0], routes))).toBeUndefined();
    expect(told(topologyOf([eth0], own, file))).toBe("backend not told, network 10.244.0.0/16, this host's 10.244.1.1/24, MTU 1500, 0 routes");
  });

  it.each([
    ['udp', aLink(3, { name: 'flannel0', kind: 'tun', tun: { layer: 'tun', persistent: false } }), aRoute('10.244.0.0/16', 'flannel0')],
    ['vxlan', aLink(3, { name: 'flannel.1', kind: 'vxlan', vxlan: { vni: 1, port: 8472, learning: false, proxy: false, l2miss: false, l3miss: false } }), aRoute('10.244.2.0/24', 'flannel.1', { gateway: '10.244.2.0' })],
    ['wireguard', aLink(3, { name: 'flannel-wg', kind: 'wireguard' }), aRoute('10.244.0.0/16', 'flannel-wg')],
    ['ipip', aLink(3, { name: 'flannel.ipip', kind: 'ipip' }), aRoute('10.244.2.0/24', 'flannel.ipip', { gateway: '192.0.2.3' })],
  ])('is %s by its device', (backend, device, route) => {
    const topology = topologyOf([eth0, device], [...own, route]);
    expect(told(topology)).toBe(`${backend}, 1 route`);
    expect(madeDevices(topology, 'local')).toMatchObject([{ namespace: '4:1', device: device.name, name: `flannel (${backend})` }]);
    expect(madeDevices(topology, 'local')[0]?.evidence).toContain('1 route leads to other hosts through it');
  });

  it('is not taken from a name alone', () => {
    expect(told(topologyOf([aLink(3, { name: 'flannel0', kind: 'dummy' }), aLink(4, { name: 'flannel-wg', kind: 'dummy' }), aLink(5, { name: 'flannel.ipip' })], own))).toBeUndefined();
  });
});
