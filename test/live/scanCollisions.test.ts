import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { LinkNode, Sandbox, Topology } from '../../src/core/model/topology';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { atEnd, describeAsRoot } from './commandSupport';
import { local, prefixed, scan, through } from './scanSupport';

const networks = Array.from({ length: 20 }, (_, at) => at);
const places = Array.from({ length: 10 }, (_, at) => at);
/** From here on a container's veth has an index that no other network's has. */
const firstApart = 15;

const network = (n: number): string => `net${String(n)}`;
const container = (n: number, place: number): string => `c${String(n)}-${String(place)}`;

/**
 * What a host with 200 containers on 20 overlays looks like, with the same interface indexes everywhere: every overlay has a bridge 2, a VXLAN device 3 over the host's
 * device 2 and ports 10 to 19; three overlays each give their containers' devices the same index. Every container but the second of each network also has a
 * veth into the host, of an index of its own there; the first two have a macvlan device over the host's device 2. Every second overlay has a veth into the host.
 */
function lines(host: number): string[] {
  const other = 3 - host;
  return [
    `link add up0 index 2 type veth peer name up1 index 9999`,
    `addr add 192.0.2.${String(host)}/24 dev up0`,
    ...networks.flatMap((n) => [
      `link add br0 index 2 netns ${network(n)} type bridge`,
      `link add vxlan0 index 3 netns ${network(n)} type vxlan id ${String(4096 + n)} dstport 4789 local 192.0.2.${String(host)} remote 192.0.2.${String(other)} dev up0`,
      ...(n % 2 === 0 ? [`link add n${String(n)} index ${String(5000 + n)} type veth peer name up index 5 netns ${network(n)}`] : []),
      ...places.flatMap((place) => [
        `link add p${String(place)} index ${String(10 + place)} netns ${network(n)} type veth peer name eth0 index ${String(n < firstApart ? 30 + (n % 5) : 100 + n)} netns ${container(n, place)}`,
        ...(place === 1 ? [] : [`link add h${String(n)}-${String(place)} index ${String(1000 + n * 10 + place)} type veth peer name eth1 index 50 netns ${container(n, place)}`]),
        ...(place < 2 ? [`link add mv0 index 60 link up0 netns ${container(n, place)} type macvlan mode bridge`] : []),
      ]),
    ]),
  ];
}

/** On the second host the names of `ip netns` are files that nothing is mounted on any more: there only the links tell. */
const folderOf = (host: string): string => (host === 'host1' ? '/run/netns' : '/run/elsewhere');

/** A machine within the machine, which goes with its first process. @returns words that run a command in it. */
async function machine(host: number): Promise<[string, ...string[]]> {
  const names = networks.flatMap((n) => [network(n), ...places.map((place) => container(n, place))]);
  const setup = 'set -e; mount -t tmpfs none /run; mkdir /run/netns; for name in "$@"; do ip netns add "$name"; done; ip -batch -; if [ "$0" = /run/elsewhere ]; then mkdir "$0"; mount --move /run/netns "$0"; fi; echo ready; exec sleep infinity';
  const child = spawn('unshare', ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', 'sh', '-c', setup, folderOf(`host${String(host)}`), ...names], { stdio: ['pipe', 'pipe', 'inherit'] });
  atEnd(() => void child.kill('SIGKILL'));
  child.stdin.end(`${lines(host).join('\n')}\n`);
  await new Promise<void>((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (data: string) => {
      text += data;
      if (text.includes('ready\n')) resolve();
    });
    child.once('close', (code) => {
      reject(new Error(`The machine was not made (status ${String(code)}).`));
    });
  });
  const pid = String(child.pid);
  return ['nsenter', '-t', readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim(), '-m', '-p', '-n', '--'];
}

describeAsRoot('200 containers on 20 networks with the same interface indexes, on each of two hosts', () => {
  let topology: Topology | undefined;

  async function read(): Promise<Topology> {
    topology ??= buildTopology(
      await Promise.all(
        [1, 2].map(async (host) => {
          const snapshot = await scan(through(local(), prefixed(...(await machine(host)))));
          expect(snapshot.errors).toEqual([]);
          return { id: `host${String(host)}`, label: `host${String(host)}`, snapshot };
        }),
      ),
    );
    return topology;
  }

  const sandboxOf = (whole: Topology, host: string, name: string | undefined): Sandbox => {
    const node = whole.host.get(host)!;
    const found = name === undefined ? node.sandboxes.find(({ id }) => id === node.rootSandbox) : node.sandboxes.find(({ paths }) => paths.includes(`${folderOf(host)}/${name}`));
    if (!found) throw new Error(`${host} has no ${name ?? 'root namespace'}.`);
    return found;
  };
  const linkOf = (whole: Topology, host: string, name: string | undefined, link: string): LinkNode => sandboxOf(whole, host, name).links.find((node) => node.link.name === link)!;

  /** How a link is told to belong to its true other device; throws where it is told to belong to a wrong one, or the true one is not among the candidates. */
  function told(own: LinkNode, truth: LinkNode): 'resolved' | 'ambiguous' {
    const { peer } = own;
    if (peer?.state === 'resolved') {
      expect(peer.linkId).toBe(truth.id);
      return 'resolved';
    }
    if (peer?.state !== 'ambiguous') throw new Error(`${own.id} (${own.link.name}) is ${peer?.state ?? 'without another device'}.`);
    expect(peer.candidates).toContain(truth.id);
    expect(peer.candidates.length).toBeGreaterThan(1);
    for (const candidate of peer.candidates) expect(candidate.split('|')[0]).toBe(truth.id.split('|')[0]);
    return 'ambiguous';
  }

  it('every namespace is read, and none twice', { timeout: 120_000 }, async () => {
    for (const host of (await read()).hosts) {
      expect(host.sandboxes).toHaveLength(221);
      expect(host.sandboxes.every(({ record }) => record.read === 'full')).toBe(true);
    }
  });

  it('veths: each end knows the other where numbers mean names, else the other or that it is one of several', async () => {
    const whole = await read();
    for (const host of ['host1', 'host2']) {
      for (const n of networks) {
        for (const place of places) {
          const ends = [linkOf(whole, host, network(n), `p${String(place)}`), linkOf(whole, host, container(n, place), 'eth0')] as const;
          const wanted = n < firstApart && host === 'host2' ? 'ambiguous' : 'resolved';
          expect([n, place, told(ends[0], ends[1]), told(ends[1], ends[0])]).toEqual([n, place, wanted, wanted]);
          if (place === 1) continue;
          const up = [linkOf(whole, host, undefined, `h${String(n)}-${String(place)}`), linkOf(whole, host, container(n, place), 'eth1')] as const;
          expect([n, place, told(up[0], up[1]), told(up[1], up[0])]).toEqual([n, place, 'resolved', 'resolved']);
        }
      }
    }
  });

  it("macvlan and VXLAN devices: on the host's device where something tells its namespace, else on one of several", async () => {
    const whole = await read();
    for (const host of ['host1', 'host2']) {
      const lower = linkOf(whole, host, undefined, 'up0');
      for (const n of networks) {
        expect([n, told(linkOf(whole, host, container(n, 0), 'mv0'), lower)]).toEqual([n, 'resolved']);
        expect([n, told(linkOf(whole, host, container(n, 1), 'mv0'), lower)]).toEqual([n, host === 'host1' ? 'resolved' : 'ambiguous']);
        expect([n, told(linkOf(whole, host, network(n), 'vxlan0'), lower)]).toEqual([n, host === 'host1' || n % 2 === 0 ? 'resolved' : 'ambiguous']);
      }
    }
  });

  it('VXLAN tunnels: each with the device of its VNI on the other host, though addresses and indexes are the same', async () => {
    const whole = await read();
    expect(whole.tunnel.size).toBe(2 * networks.length);
    for (const n of networks) {
      const [one, two] = ['host1', 'host2'].map((host) => linkOf(whole, host, network(n), 'vxlan0').id);
      expect([n, whole.tunnel.get(one!)?.other]).toEqual([n, { state: 'matched', linkId: two }]);
      expect([n, whole.tunnel.get(two!)?.other]).toEqual([n, { state: 'matched', linkId: one }]);
    }
  });
});
