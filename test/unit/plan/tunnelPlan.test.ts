import { describe, expect, it } from 'vitest';
import type { Route } from '../../../src/core/model/link';
import { planScript } from '../../../src/core/plan/planScript';
import { tunnelPlan, type TunnelRequest } from '../../../src/core/plan/tunnelPlan';
import { planText } from '../../../src/core/report/planText';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { refusalOf } from './refusal';
import { aLink, aNamespace, aSnapshot, processIn } from '../topology/builders';

const route = (destination: string, device: string): Route => ({ family: 'inet', destination, type: 'unicast', table: 'main', device });

function host(name: string, address: string, routes: readonly Route[] = [], mtuBytes = 1500): Parameters<typeof buildTopology>[0][number] {
  const links = [aLink(2, { name: 'eth0', mtuBytes, addresses: [{ family: 'inet', address, prefixLength: 24, scope: 'global' }] }), aLink(3, { name: 'br0', kind: 'bridge' })];
  const record = aNamespace(1, { links, processCount: 1, processes: [processIn('/', 1)], routes: [route('default', 'eth0'), route('192.0.2.0/24', 'eth0'), ...routes] });
  return { id: `ssh://${name}`, label: name, snapshot: aSnapshot([record]) };
}

const topology = buildTopology([host('a', '192.0.2.11', [route('172.18.0.0/16', 'br0')]), host('b', '192.0.2.12', [route('172.19.0.0/16', 'br0'), route('10.213.0.0/29', 'x')], 1400)]);
const asked = (more: Partial<TunnelRequest> = {}, a: object = {}, b: object = {}): TunnelRequest => ({ kind: 'gre', sides: [{ hostId: 'ssh://a', ...a }, { hostId: 'ssh://b', ...b }], ...more });
const refusal = (request: TunnelRequest): string => refusalOf(() => tunnelPlan(request, topology));

describe('a tunnel plan', () => {
  it('takes the MTU that the smaller underlay leaves, and a /30 that is free on both hosts', () => {
    const plan = tunnelPlan(asked({ key: 5 }), topology);
    expect(plan.steps[0]?.argv.join(' ')).toMatch(/^ip link add name nx-gre-\w{4} mtu 1372 type gre local 192\.0\.2\.11 remote 192\.0\.2\.12 ttl 64 key 5$/);
    expect(plan.notes[0]).toBe('MTU: 1400 - 20 IPv4 - 4 GRE - 4 key = 1372 bytes.');
    expect(plan.checks.map(({ from, to }) => `${from} ${to}`)).toEqual(['10.213.0.9 10.213.0.10', '10.213.0.10 10.213.0.9']);
  });

  it('sends what goes through a tunnel of frames to the far end\'s address, and packets into one of packets', () => {
    const routes = (kind: TunnelRequest['kind']): readonly string[] => tunnelPlan(asked({ kind, name: 't0' }, { behind: ['172.18.0.0/16'] }, { behind: ['172.19.0.0/16'] }), topology).steps.filter(({ argv }) => argv[1] === 'route').map(({ argv }) => argv.slice(2).join(' '));
    for (const kind of ['vxlan', 'geneve', 'gretap'] as const) expect(routes(kind), kind).toEqual(['add 172.19.0.0/16 via 10.213.0.10 dev t0', 'add 172.18.0.0/16 via 10.213.0.9 dev t0']);
    for (const kind of ['gre', 'ipip'] as const) expect(routes(kind), kind).toEqual(['add 172.19.0.0/16 dev t0', 'add 172.18.0.0/16 dev t0']);
  });

  it('takes a VNI that no device of either host has, in whatever namespace', () => {
    const taking = (...vnis: readonly number[]) => {
      const [one, two] = [host('a', '192.0.2.11'), host('b', '192.0.2.12')];
      const hidden = aNamespace(9, { links: vnis.map((vni, at) => aLink(20 + at, { name: `vx${String(at)}`, kind: 'vxlan', vxlan: { vni, port: 4789, learning: true, proxy: false, l2miss: false, l3miss: false } })) });
      return buildTopology([one, { ...two, snapshot: aSnapshot([...two.snapshot.namespaces, hidden]) }]);
    };
    const words = (read: Parameters<typeof tunnelPlan>[1]): string => tunnelPlan(asked({ kind: 'vxlan' }), read).steps[0]?.argv.join(' ') ?? '';
    expect(words(taking())).toContain(' vxlan id 4213 ');
    expect(words(taking(4213, 4214))).toContain(' vxlan id 4215 ');
    expect(() => tunnelPlan(asked({ kind: 'vxlan', key: 77 }), taking(77))).toThrow(/^The VNI 77 is taken by vx0 in .* of b\. Choose another one\.$/);
  });

  it('is one plan from either end, and however a host is spelled', () => {
    const { id, steps } = tunnelPlan(asked(), topology);
    const other = buildTopology([{ ...host('a', '192.0.2.11', [route('172.18.0.0/16', 'br0')]), id: 'ssh://root@a' }, host('b', '192.0.2.12', [route('172.19.0.0/16', 'br0'), route('10.213.0.0/29', 'x')], 1400)]);
    expect(tunnelPlan({ kind: 'gre', sides: [{ hostId: 'ssh://root@a' }, { hostId: 'ssh://b' }] }, other).id).toBe(id);
    const turned = tunnelPlan({ kind: 'gre', sides: [{ hostId: 'ssh://b', address: '10.213.0.10/30' }, { hostId: 'ssh://a', address: '10.213.0.9/30' }] }, topology);
    expect(turned.id).toBe(id);
    expect(turned.steps[0]?.argv[4]).toBe(steps[0]?.argv[4]);
  });

  it('has no address or name within the text of a script: each is a value of its own', () => {
    const plan = tunnelPlan(asked({ kind: 'vxlan', forward: true, name: 't0' }, { behind: ['172.18.0.0/16'] }, { behind: ['172.19.0.0/16'] }), topology);
    const texts = plan.steps.flatMap(({ argv, undo, done }) => [argv, undo, done]).filter(([program, option]) => program === 'sh' && option === '-c').map((argv) => argv[2] ?? '');
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter((text) => /t0|10\.213|172\.1/.test(text))).toEqual([]);
  });

  it('changes back what has its mark alone', () => {
    const plan = tunnelPlan(asked({ forward: true }, { behind: ['172.18.0.0/16'] }), topology);
    const unguarded = plan.steps.filter(({ argv, done }) => argv[0] === 'ip' && !done.join(' ').includes(`netns-explorer ${plan.id}`));
    expect(unguarded).toEqual([]);
  });

  it('is the same for the same request, and another for another', () => {
    expect(tunnelPlan(asked(), topology)).toEqual(tunnelPlan(asked(), topology));
    expect(tunnelPlan(asked({ key: 6 }), topology).id).not.toBe(tunnelPlan(asked({ key: 5 }), topology).id);
  });

  it('can be printed with each command and its undo, and written as a script in which every value is quoted', () => {
    const plan = tunnelPlan(asked({ forward: true }, { behind: ['172.18.0.0/16'] }), topology);
    expect(planText(plan)).toMatch(/On b, as root:[^]*ip route add 172\.18\.0\.0\/16 dev nx-gre-\w{4}\n[^]*Undone on b by:\n {2}iptables -w -D FORWARD -o/);
    expect(planScript(plan, { hostId: 'ssh://b', label: "evil'\n$(touch x)" }, 'b')).toMatch(/^#!\/bin\/bash\n# GRE tunnel between a and b: evil' \$\(touch x\)\. Plan \w{8}\.\n/);
  });

  it.each<[string, TunnelRequest, RegExp]>([
    ['an address that is none', asked({}, { underlay: '192.0.2.300' }), /^"192\.0\.2\.300" is no IPv4 address\.$/],
    ['an underlay address that the host has not', asked({}, { underlay: '192.0.2.99' }), /^a has no interface with the address 192\.0\.2\.99\./],
    ['both ends on one host', asked({}, {}, { hostId: 'ssh://a' }), /both ends are on a\.$/],
    ['a host that was not read', asked({}, { hostId: 'ssh://z' }), /^ssh:\/\/z has not been read/],
    ['a tunnel address without a prefix of its kind', asked({}, { address: '10.9.0.1/33' }, { address: '10.9.0.2/30' }), /no IPv4 address with a prefix length/],
    ['an address on one end alone', asked({}, { address: '10.9.0.1/30' }), /on both hosts, or on none/],
    ['the same address on both', asked({}, { address: '10.9.0.1/30' }, { address: '10.9.0.1/30' }), /Both ends of the tunnel would have 10\.9\.0\.1/],
    ['addresses of two networks', asked({}, { address: '10.9.0.1/30' }, { address: '10.9.1.1/30' }), /are not in one network/],
    ['a tunnel network that is routed elsewhere', asked({}, { address: '172.19.0.1/30' }, { address: '172.19.0.2/30' }), /overlaps 172\.19\.0\.0\/16, which b sends to br0/],
    ['a network behind one host that the other one has too', asked({}, {}, { behind: ['172.18.128.0/24'] }), /^172\.18\.128\.0\/24, behind b, overlaps 172\.18\.0\.0\/16 on a/],
    ['a network that holds the far end', asked({}, {}, { behind: ['192.0.2.8/29'] }), /would go round in it/],
    ['a network with bits beyond its prefix', asked({}, {}, { behind: ['172.20.1.0/16'] }), /the network is 172\.20\.0\.0\/16/],
    ['addresses on a bridge\'s port', asked({ kind: 'vxlan' }, { address: '10.9.0.1/30', bridge: 'br0' }, { address: '10.9.0.2/30', bridge: 'br0' }), /where an address does not work/],
    ['networks behind joined bridges', asked({ kind: 'gretap' }, { behind: ['172.18.0.0/16'], bridge: 'br0' }, { bridge: 'br0' }), /has no address that networks behind it could be reached by/],
    ['a multicast address', asked({}, { address: '224.0.0.1/30' }, { address: '224.0.0.2/30' }), /which no device of a network can have/],
    ['a loopback address', asked({}, { address: '127.9.0.1/30' }, { address: '127.9.0.2/30' }), /which no device of a network can have/],
    ['a broadcast address', asked({}, { address: '10.50.0.3/30' }, { address: '10.50.0.1/30' }), /^10\.50\.0\.3\/30 is its network's own or broadcast address/],
    ['a name that is too long', asked({ name: 'a-name-of-sixteen' }), /no name for a device/],
    ['a name that is an option', asked({ name: '-all' }), /no name for a device/],
    ['a name with a command', asked({ name: 'x;reboot' }), /no name for a device/],
    ['an MTU that does not fit', asked({ mtuBytes: 1500 }), /leave 1376 \(1400 - 20 IPv4 - 4 GRE = 1376 bytes\)/],
    ['a key that is no number', asked({ key: 1.5 }), /whole number from 0/],
    ['a key for IP in IP', asked({ kind: 'ipip', key: 5 }), /has no key/],
    ['a VNI that is too large', asked({ kind: 'vxlan', key: 2 ** 24 }), /from 0 to 16777215/],
    ['a layer 3 device as a port', asked({}, { bridge: 'br0' }), /cannot be a bridge's port/],
    ['a bridge that is not there', asked({ kind: 'gretap' }, { bridge: 'br9' }), /There is no Linux bridge "br9" on a/],
    ['a TTL of 0', asked({ ttl: 0 }), /TTL must be a whole number from 1 to 255/],
  ])('refuses %s', (_what, request, sentence) => {
    expect(refusal(request)).toMatch(sentence);
  });
});
