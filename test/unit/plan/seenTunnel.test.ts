import { describe, expect, it } from 'vitest';
import { persistentFiles } from '../../../src/core/plan/persistentFiles';
import { planIdOf, seenTunnelPlan } from '../../../src/core/plan/seenTunnel';
import { tunnelPlan } from '../../../src/core/plan/tunnelPlan';
import type { Link } from '../../../src/core/model/link';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { aLink, aNamespace, aSnapshot, processIn } from '../topology/builders';

const inet = (address: string, prefixLength: number) => ({ family: 'inet' as const, address, prefixLength, scope: 'global' as const });

function host(name: string, own: string, far: string, inner: string, more: Partial<Link> = {}): Parameters<typeof buildTopology>[0][number] {
  const links = [
    aLink(2, { name: 'eth0', mtuBytes: 1500, addresses: [inet(own, 24)] }),
    aLink(3, { name: `to-${name === 'a' ? 'b' : 'a'}`, kind: 'gre', mtuBytes: 1472, addresses: [inet(inner, 30)], tunnel: { local: own, remote: far, ttl: 64, inputKey: '0.0.1.5', outputKey: '0.0.1.5' }, ...more }),
  ];
  const routes = [
    { family: 'inet' as const, destination: '10.9.0.0/30', type: 'unicast', table: 'main', device: links[1]?.name ?? '', protocol: 'kernel' },
    { family: 'inet' as const, destination: '172.30.0.0/16', type: 'unicast', table: 'main', device: links[1]?.name ?? '', protocol: 'boot' },
  ];
  return { id: `ssh://${name}`, label: name, snapshot: aSnapshot([aNamespace(1, { links, processCount: 1, processes: [processIn('/', 1)], routes })]) };
}

const both = buildTopology([host('a', '192.0.2.11', '192.0.2.12', '10.9.0.1'), host('b', '192.0.2.12', '192.0.2.11', '10.9.0.2')]);
const linkOf = (topology: typeof both, name: string): string => [...topology.link.values()].find(({ link }) => link.name === name)?.id ?? '';

describe('a tunnel that is there, as a plan', () => {
  const plan = seenTunnelPlan(both, linkOf(both, 'to-b'));

  it('has each half with its own name, verified both ways', () => {
    expect(plan.title).toBe('GRE tunnel to-b between a and b');
    expect(plan.steps.filter(({ what }) => what.startsWith('make the device')).map(({ argv }) => argv.join(' '))).toEqual([
      'ip link add name to-b mtu 1472 type gre local 192.0.2.11 remote 192.0.2.12 ttl 64 key 261',
      'ip link add name to-a mtu 1472 type gre local 192.0.2.12 remote 192.0.2.11 ttl 64 key 261',
    ]);
    expect(plan.checks.map(({ direction, from, to, mtuBytes }) => [direction, from, to, mtuBytes])).toEqual([['a → b', '10.9.0.1', '10.9.0.2', 1472], ['b → a', '10.9.0.2', '10.9.0.1', 1472]]);
  });

  it('leaves out the route that its address brings along', () => {
    expect(plan.devices?.map(({ routes }) => routes)).toEqual([['172.30.0.0/16'], ['172.30.0.0/16']]);
  });

  it('without its other half concerns the one host, and says so', () => {
    const alone = buildTopology([host('a', '192.0.2.11', '192.0.2.12', '10.9.0.1')]);
    const half = seenTunnelPlan(alone, linkOf(alone, 'to-b'));
    expect(half.hosts).toEqual([{ hostId: 'ssh://a', label: 'a' }]);
    expect(half.notes[0]).toMatch(/at 192\.0\.2\.12, is not among what was read/);
    expect(half.checks).toEqual([]);
  });

  it('keeps the mark that a plan left on it, and knows no other', () => {
    const marked = buildTopology([host('a', '192.0.2.11', '192.0.2.12', '10.9.0.1', { rest: { ifalias: 'netns-explorer 0123abcd' } })]);
    expect(seenTunnelPlan(marked, linkOf(marked, 'to-b')).id).toBe('0123abcd');
    expect(planIdOf(aLink(2, { rest: { ifalias: 'netns-explorer 0123abcd; reboot' } }))).toBeUndefined();
  });

  it('that is gone is refused with what to do', () => {
    expect(() => seenTunnelPlan(both, 'gone')).toThrow('This tunnel is gone. Read its host again to see what is there now.');
  });

  it('is written down for systemd-networkd, netplan and ifupdown', () => {
    const [netdev, network] = persistentFiles(plan, 'ssh://a', 'networkd');
    expect(netdev).toEqual({ path: '/etc/systemd/network/50-to-b.netdev', text: `# Netns Explorer, plan ${plan.id}.\n[NetDev]\nName=to-b\nKind=gre\nMTUBytes=1472\n\n[Tunnel]\nLocal=192.0.2.11\nRemote=192.0.2.12\nTTL=64\nKey=261\nIndependent=yes\n` });
    expect(network?.text).toContain('[Network]\nLinkLocalAddressing=no\nAddress=10.9.0.1/30\n\n[Route]\nDestination=172.30.0.0/16\nScope=link\n');
    expect(persistentFiles(plan, 'ssh://b', 'netplan')[0]?.text).toContain('    to-a:\n      mode: gre\n      local: 192.0.2.12\n      remote: 192.0.2.11\n      ttl: 64\n      key: 261\n      mtu: 1472\n');
    expect(persistentFiles(plan, 'ssh://a', 'ifupdown')[0]?.text).toContain('iface to-b inet static\n    address 10.9.0.1/30\n    pre-up ip link add name to-b mtu 1472 type gre local 192.0.2.11 remote 192.0.2.12 ttl 64 key 261\n    up ip route add 172.30.0.0/16 dev to-b\n    post-down ip link del dev to-b\n');
  });
});

describe('a tunnel to a machine that is not among the hosts', () => {
  const plan = tunnelPlan({ kind: 'vxlan', sides: [{ hostId: 'ssh://a' }, { foreign: '192.0.2.77', behind: ['172.31.0.0/16'] }] }, both);

  it('makes the one half, and says what the other has to be', () => {
    expect(plan.hosts.map(({ label }) => label)).toEqual(['a']);
    expect(plan.steps.every(({ hostId }) => hostId === 'ssh://a')).toBe(true);
    expect(plan.notes.at(-1)).toMatch(/^192\.0\.2\.77 is not among the hosts: its half has to be made there, with 192\.0\.2\.11 as its remote and 10\.213\.0\.2\/30 as its address/);
    expect(plan.checks.map(({ direction }) => direction)).toEqual(['a → 192.0.2.77']);
  });

  it('refuses an address that is none, and what netplan does not know', () => {
    expect(() => tunnelPlan({ kind: 'gre', sides: [{ hostId: 'ssh://a' }, { foreign: 'b; reboot' }] }, both)).toThrow('"b; reboot" is no IPv4 address.');
    const geneve = tunnelPlan({ kind: 'geneve', sides: [{ hostId: 'ssh://a' }, { foreign: '192.0.2.77' }] }, both);
    expect(() => persistentFiles(geneve, 'ssh://a', 'netplan')).toThrow(/netplan knows no Geneve device/);
  });
});
