import { describe, expect, it } from 'vitest';
import { parseIpvsMarks } from '../../../src/core/facts/ingress';
import { ingressServices, publishedPorts, publishedPortsText, type PortServers } from '../../../src/core/report/publishedPorts';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { aNamespace, aNetwork, anEngine, aSnapshot } from '../topology/builders';

const ingress = aNetwork('ing', {
  name: 'ingress',
  driver: 'overlay',
  scope: 'swarm',
  ingress: true,
  services: [{ name: 'pub', virtualAddress: '10.0.0.4', ports: ['Target: 80, Publish: 8081'], mark: 259 }, { name: 'quiet', ports: [], mark: 258 }],
  tasks: [{ service: 'pub', name: 'pub.1.x', endpointId: 'e', ip: '10.0.0.5', hostAddress: '192.0.2.2' }],
});

function services() {
  const [host] = buildTopology([{ id: 'h', label: 'h', snapshot: aSnapshot([aNamespace(1)], anEngine([ingress], [])) }]).hosts;
  if (host === undefined) throw new Error('no host');
  return ingressServices(host);
}

const dnat = '[4:240] -A DOCKER-INGRESS -p tcp -m tcp --dport 8081 -j DNAT --to-destination 172.18.0.2:8081';
const mark = '[4:240] -A PREROUTING -p tcp -m tcp --dport 8081 -j MARK --set-xmark 0x103/0xffffffff';
const told = (servers: Partial<PortServers>): string => publishedPortsText(publishedPorts([], services(), { proxies: [], faults: [], ...servers }));

/** As ipvsadm 1.31 and the kernel's ip_vs_info_seq_show print them, written by hand: a stand-in for an engine on a kernel with IPVS. */
const ipvsadm = 'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\nTCP  10.9.9.9:80 rr\n  -> 10.9.9.1:80                  Masq    1      0          0         \nFWM  259 rr\n  -> 10.0.0.5:0                   Masq    1      2          1         \nFWM  260 rr\n';
const kernel = 'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\nFWM  00000103 rr  \n  -> 0A000005:0000      Masq    1      2          1         \n';

describe("a swarm's published port", () => {
  it('stands with the DNAT rule, the mark and the servers of that mark (IPVS: a stand-in text)', () => {
    for (const text of [ipvsadm, kernel]) {
      expect(told({ rules: dnat, ingress: { rules: mark, balanced: parseIpvsMarks(text), faults: [] } })).toBe(
        `# service pub (10.0.0.4 on the ingress network)\n*:8081 → 80 on every node of the swarm\n  rule   ${dnat}\n  mark   ${mark}\n  ipvs   FWM 259 rr -> 10.0.0.5:0 Masq 1 2 1\n  task   pub.1.x 10.0.0.5 on 192.0.2.2\n`,
      );
    }
  });

  it('says which of the three is missing, and tells it from what was not read', () => {
    const none = told({ rules: '', ingress: { rules: '', balanced: [], faults: ['The kernel has no ip_vs.'] } });
    expect(none).toMatch(/^# The kernel has no ip_vs\.\n/);
    expect(none).toContain('  rule   none: no rule of chain DOCKER-INGRESS sends port 8081 to the ingress sandbox');
    expect(none).toContain("  mark   none: no rule of the ingress sandbox marks port 8081 (the engine's mark for it is 259, 0x103)");
    expect(none).toContain('  ipvs   none: no service of IPVS has that mark');
    expect(told({})).toMatch(/ {2}rule {3}not read\n {2}mark {3}not read\n {2}ipvs {3}not read\n/);
  });

  it('is not served by rules of another port or protocol, nor by a mark without servers', () => {
    const text = told({ rules: dnat.replace('8081', '8082'), ingress: { rules: mark, balanced: parseIpvsMarks('FWM  259 rr\n'), faults: [] } });
    expect(text).toContain('  rule   none');
    expect(text).toContain('  ipvs   FWM 259 rr, no server');
  });
});
