import { describe, expect, it } from 'vitest';
import type { Container } from '../../../src/core/model/topology';
import { publishedPorts, publishedPortsText as textOf, type PortServers } from '../../../src/core/report/publishedPorts';
import { parseProxies } from '../../../src/discovery/readPortServers';

const publishedPortsText = (containers: readonly Container[], servers: PortServers): string => textOf(publishedPorts(containers, [], servers));
const container = (ports: Container['engine']['ports'], ipv4 = '172.28.0.11'): Container =>
  ({ name: 'web1', running: true, engine: { ports, networks: [{ networkId: 'n', networkName: 'n', endpointId: 'e', ipv4 }] } }) as unknown as Container;
const rules = [
  '*nat',
  '[7:420] -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
  '[3:180] -A DOCKER ! -i br-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.28.0.11:80',
  '[0:0] -A DOCKER ! -i br-1 -p udp -m udp --dport 8080 -j DNAT --to-destination 172.28.0.11:80',
  '[0:0] -A DOCKER ! -i br-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.28.0.12:80',
].join('\n');
const proxy = { pid: 42, argv: ['/usr/bin/docker-proxy', '-proto', 'tcp', '-host-ip', '0.0.0.0', '-host-port', '8080', '-container-ip', '172.28.0.11', '-container-port', '80'] };

describe('published ports', () => {
  it('stand with the one rule and the one proxy that serve them, counters and all', () => {
    expect(publishedPortsText([container([{ privatePort: 80, publicPort: 8080, ip: '0.0.0.0', type: 'tcp' }])], { rules, proxies: [proxy], faults: [] })).toBe(
      '# web1 (172.28.0.11)\n0.0.0.0:8080 → 80/tcp\n  rule   [3:180] -A DOCKER ! -i br-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.28.0.11:80\n  proxy  42 /usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.28.0.11 -container-port 80\n',
    );
  });

  it('without a rule or a proxy say so, with what was looked for', () => {
    const text = publishedPortsText([container([{ privatePort: 80, publicPort: 9090, ip: '0.0.0.0', type: 'tcp' }])], { rules, proxies: [proxy], faults: [] });
    expect(text).toContain('  rule   none: no DNAT rule of table nat sends tcp port 9090 to 172.28.0.11:80\n  proxy  none: no docker-proxy serves it');
  });

  it('on one address are served by the rule of that address alone', () => {
    const one = '[2:120] -A DOCKER -d 127.0.0.1/32 ! -i br-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.28.0.11:80';
    const told = (ip: string): string => publishedPortsText([container([{ privatePort: 80, publicPort: 8080, ip, type: 'tcp' }])], { rules: one, proxies: [], faults: [] });
    expect(told('127.0.0.1')).toContain(`  rule   ${one}\n`);
    expect(told('10.0.0.9')).toContain('  rule   none: ');
  });

  it('are told from rules that were not read', () => {
    const text = publishedPortsText([container([{ privatePort: 80, publicPort: 8080, ip: '::', type: 'tcp' }])], { proxies: [], faults: ['ip6tables-save failed: no.'] });
    expect(text).toMatch(/^# ip6tables-save failed: no\.\n\n# web1 .*\n\[::\]:8080 → 80\/tcp\n {2}rule {3}not read\n/);
  });

  it('are none where none is published', () => {
    expect(publishedPortsText([container([{ privatePort: 80, type: 'tcp' }])], { rules, proxies: [], faults: [] })).toBe('# web1 (172.28.0.11)\npublishes no port\n');
  });

  it('read proxies as their kernel keeps them', () => {
    expect(parseProxies(`42\0${proxy.argv.join('\0')}\0\x0043\0/usr/bin/docker-proxy\0-proto\0udp\0\0`)).toEqual([proxy, { pid: 43, argv: ['/usr/bin/docker-proxy', '-proto', 'udp'] }]);
  });
});
