import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import type { DearSource } from '../../src/core/model/snapshot';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { madeDevices } from '../../src/core/topology/makers';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { currentLab } from '../lab/client.mjs';
import { buildFlannel, buildPipework, buildWeave, removeFlannel, removePipework, removeWeave } from '../lab/dataPlanes.mjs';
import { removeDind, startDind } from '../lab/dind.mjs';
import { buildOvsExperiment, removeOvsExperiment, unwireOvs, wireOvs } from '../lab/ovs.mjs';
import { runOfEach, startRuntimes, stopRuntimes } from '../lab/runtimes.mjs';
import { askOn, atEnd, describeAsRoot, describeInLab, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { local, prefixed, scan, through } from './scanSupport';

/** Ways in, by lsns, findmnt, `ip -all netns` and docker inspect: lines of `INODE WAY`, where WAY is a path or a pid. Nothing of the project's is used. */
const waysIn = `
lsns --noheadings --raw --type net --output NS,PID
findmnt --noheadings --raw --types nsfs --output SOURCE,TARGET | sed -n 's/^net:\\[\\([0-9]*\\)\\] /\\1 /p; s/^nsfs\\[net:\\[\\([0-9]*\\)\\]\\] /\\1 /p'
for of in $(lsns --noheadings --raw --type mnt --output PID); do
  findmnt --task "$of" --noheadings --raw --types nsfs --output SOURCE,TARGET | sed -n "s|^net:\\[\\([0-9]*\\)\\] /|\\1 /proc/$of/root/|p; s|^nsfs\\[net:\\[\\([0-9]*\\)\\]\\] /|\\1 /proc/$of/root/|p"
done
ip -all netns exec sh -c 'echo "$(stat -L -c %i /proc/self/ns/net) -"' 2>/dev/null | grep -v '^netns:'
for id in $(docker ps --quiet --no-trunc); do
  docker inspect --format '{{.State.Pid}} {{.NetworkSettings.SandboxKey}}' "$id" | while read -r pid key; do
    echo "$(stat -L -c %i "/proc/$pid/ns/net") $pid"
    if [ -e "$key" ]; then echo "$(stat -L -c %i "$key") $key"; fi
  done
done
true`;

function namespacesOf(node: string): Map<number, string> {
  const ways = new Map<number, string>();
  for (const line of askOn(node, 'sh', '-c', waysIn).split('\n')) {
    const [inode = '', way = ''] = line.trim().split(/ +/);
    if (/^\d+$/.test(inode) && (way !== '-' || !ways.has(Number(inode)))) ways.set(Number(inode), way.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))));
  }
  return ways;
}

/** Device names by /proc/net/dev, which no tool of ours reads. */
function devicesOf(node: string, ways: ReadonlyMap<number, string>): Map<number, readonly string[]> {
  const script =
    'while [ $# -gt 1 ]; do case $2 in /*) to="--net=$2" ;; *) to="--net=/proc/$2/ns/net" ;; esac; nsenter "$to" env LC_ALL=C sed -n "3,\\$s/^ *\\([^:]*\\):.*/$1 \\1/p" /proc/net/dev 2>/dev/null; shift 2; done; true';
  const found = new Map<number, string[]>();
  const pairs = [...ways].flatMap(([inode, way]) => (way === '-' ? [] : [String(inode), way]));
  for (const line of askOn(node, 'sh', '-c', script, 'sh', ...pairs).split('\n')) {
    const [, inode = '', name = ''] = /^(\d+) (.*)$/.exec(line) ?? [];
    if (inode !== '') found.set(Number(inode), [...(found.get(Number(inode)) ?? []), name]);
  }
  return found;
}

describeInLab('a full scan of hosts with every technology at once, beside an independent reading by lsns, findmnt, ip netns, docker inspect and ovs-vsctl', () => {
  beforeAll(async () => {
    const lab = await currentLab();
    await wireOvs(lab);
    await buildOvsExperiment(lab, 3);
    await buildWeave(lab);
    await buildFlannel(lab);
    await buildPipework(lab, 'node1');
    await startRuntimes(lab, 'node1');
    await runOfEach(lab, 'node1');
    await startDind(lab, 'node1', 'dind');
    // A namespace that nobody but processes of another mount namespace see.
    askOn('node1', 'sh', '-c', "setsid unshare --mount sh -c 'mount -t tmpfs none /mnt; : >/mnt/apart; unshare --net=/mnt/apart true; : >/run/apart-is-there; exec sleep 2147483645' >/dev/null 2>&1 </dev/null & until [ -e /run/apart-is-there ]; do sleep 0.05; done");
  }, 120_000);

  afterAll(async () => {
    const lab = await currentLab();
    askOn('node1', 'sh', '-c', 'rm -f /run/apart-is-there; pkill -f "^sleep 2147483645$" || :');
    await removeDind(lab, 'node1', 'dind');
    await stopRuntimes(lab, 'node1');
    await removePipework(lab, 'node1');
    await removeFlannel(lab);
    await removeWeave(lab);
    await removeOvsExperiment(lab, 3);
    await unwireOvs(lab);
  }, 120_000);

  for (const node of ['node1', 'node2'] as const) {
    it(`${node}: no namespace and no device is missing, and none invented`, { timeout: 60_000 }, async () => {
      const before = namespacesOf(node);
      const devicesBefore = devicesOf(node, before);
      const { sandboxes } = (await read(node)).hosts[0]!;
      const after = namespacesOf(node);
      const devicesAfter = devicesOf(node, after);
      const found = new Map(sandboxes.map(({ inode, links }) => [inode, links.map(({ link }) => link.name).sort()]));
      // What came or went meanwhile may be in the scan or not.
      for (const inode of before.keys()) if (after.has(inode)) expect([...found.keys()]).toContain(inode);
      for (const inode of found.keys()) expect([...before.keys(), ...after.keys()]).toContain(inode);
      let compared = 0;
      for (const [inode, names] of devicesBefore) {
        const again = devicesAfter.get(inode);
        if (!again || again.join('\n') !== names.join('\n')) continue;
        expect([inode, found.get(inode)]).toEqual([inode, [...names].sort()]);
        compared++;
      }
      expect(compared).toBe(found.size);
      expect(compared).toBeGreaterThan(5);
    });

    it(`${node}: bridges, ports and interfaces of Open vSwitch are those that ovs-vsctl shows`, { timeout: 60_000 }, async () => {
      const shown = askOn(node, 'ovs-vsctl', 'show').split('\n').flatMap((line) => /^ +(Bridge|Port|Interface) "?([^"]+)"?$/.exec(line)?.slice(1).join(' ') ?? []);
      const told = ((await read(node)).hosts[0]!.ovs ?? []).flatMap(({ bridge, ports }) => [`Bridge ${bridge.name}`, ...ports.flatMap(({ port, interfaces }) => [`Port ${port.name}`, ...interfaces.map(({ facts }) => `Interface ${facts.name}`)])]);
      expect(told.sort()).toEqual(shown.sort());
      expect(told.length).toBeGreaterThan(8);
    });

    it(`${node}: networks, containers and their addresses are those that docker inspect tells, no fewer and no more`, { timeout: 60_000 }, async () => {
      const host = (await read(node)).hosts[0]!;
      const list = (...argv: string[]): string[] => askOn(node, 'docker', ...argv).split('\n').filter((line) => line !== '').sort();
      expect(host.networks.map(({ engine }) => engine.id).sort()).toEqual(list('network', 'ls', '--quiet', '--no-trunc'));
      const ids = list('ps', '--all', '--quiet', '--no-trunc');
      expect(host.containers.map(({ engine }) => engine.id).sort()).toEqual(ids);
      interface Inspected {
        readonly Id: string;
        readonly Containers: Readonly<Record<string, { readonly IPv4Address: string; readonly MacAddress: string }>>;
      }
      // Of the networks, for the containers' own records leave the gateway bridge of the swarm out.
      const inspected = JSON.parse(askOn(node, 'docker', 'network', 'inspect', ...host.networks.map(({ engine }) => engine.id))) as Inspected[];
      const truth = inspected.flatMap(({ Id, Containers }) =>
        Object.entries(Containers).flatMap(([id, each]) => (ids.includes(id) && each.IPv4Address !== '' ? [[id, Id, each.IPv4Address.replace(/\/.*/, ''), each.MacAddress].join(' ')] : [])),
      );
      const told = host.networks.flatMap(({ engine, endpoints }) =>
        endpoints.flatMap(({ containerId, ipv4, mac }) => (containerId === undefined || ipv4 === undefined ? [] : [[containerId.slice(containerId.lastIndexOf('|') + 1), engine.id, ipv4, mac].join(' ')])),
      );
      expect(told.sort()).toEqual(truth.sort());
      expect(truth.length).toBeGreaterThan(3);
    });
  }

  it('is of a host on which every technology is, each told for what it is, in one round trip beside the engine\'s own answers', { timeout: 60_000 }, async () => {
    const topology = await read('node1');
    const host = topology.hosts[0]!;
    expect(commands).toBe(1);
    const titles = host.sandboxes.map(({ title }) => title);
    for (const title of ['lxcbox', 'nspawnbox', 'ctrbox', 'shop/web-1', 'dind', 'apart', 'odd', 'mynet01', 'ingress', 'lonely']) expect(titles.some((each) => each.split(', ').includes(title)), title).toBe(true);
    expect(titles.some((title) => title.includes('podbox'))).toBe(true);
    expect(new Set(host.networks.map(({ engine }) => engine.driver))).toEqual(new Set(['bridge', 'host', 'null', 'overlay', ...(host.networks.some(({ engine }) => engine.name === 'macnet') ? ['macvlan'] : [])]));
    const made = new Set(madeDevices(topology, 'node1').map(({ name }) => name));
    for (const name of ['Weave', 'flannel (vxlan)', 'pipework', 'a start-container.sh script', 'Open vSwitch', 'the CNI bridge plug-in']) expect([...made]).toContain(name);
    expect(host.sandboxes.filter(({ role }) => role === 'unowned' || role === 'leaked').map(({ paths }) => paths)).toEqual([]);
  });

  let commands = 0;

  async function read(node: string): Promise<Topology> {
    commands = 0;
    const transport = openTransport({ kind: 'ssh', host: node }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    atEnd(() => {
      engine.dispose();
      transport.dispose();
    });
    const counted = through(transport, (command) => {
      commands++;
      return command;
    });
    const snapshot = await scanHost(counted, engine, { limitMs: 20_000 });
    expect(snapshot.errors).toEqual([]);
    return buildTopology([{ id: node, label: node, snapshot }]);
  }
});

/** As many descriptors and threads as are asked for. */
const crowd = `
import os, resource, sys, threading, time
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
for _ in range(min(most - 100, int(sys.argv[1]))): os.open("/dev/null", os.O_RDONLY)
for _ in range(int(sys.argv[2])): threading.Thread(target=time.sleep, args=(300,), daemon=True).start()
print("ready", flush=True)
time.sleep(300)`;

/** A machine within the machine, of one process, that sees no namespace of the outer one. @returns words that run a command in it. */
async function machine(descriptors: number, threads: number): Promise<[string, ...string[]]> {
  const child = spawn('unshare', ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', 'sh', '-c', 'umount -a -t nsfs; mount -t tmpfs none /run; exec python3 -c "$@"', 'sh', crowd, String(descriptors), String(threads)], { stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(() => void child.kill('SIGKILL'));
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => Promise.reject(new Error('The machine ended.')))]);
  const pid = String(child.pid);
  return ['nsenter', '-t', readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim(), '-m', '-p', '-n', '--'];
}

describeAsRoot('a host with fewer namespaces than workers', () => {
  it('is read without a fault', async () => {
    const snapshot = await scan(through(local(), prefixed(...(await machine(10, 1)))));
    expect(snapshot.errors).toEqual([]);
    expect(snapshot.namespaces).toMatchObject([{ read: 'full', links: [{ name: 'lo' }] }]);
  });
});

describeAsRoot('sources that were not asked for', () => {
  it('cost nothing: neither bytes nor, however many descriptors and threads there are, time', { timeout: 120_000 }, async () => {
    const [empty, full] = [await machine(10, 1), await machine(15_000, 1000)];
    /** The quickest of several: whatever else this machine does only adds. */
    const cost = async (words: [string, ...string[]], sources: readonly DearSource[]): Promise<{ ms: number; sent: number; received: number }> => {
      let [ms, sent, received] = [Infinity, 0, 0];
      const inside = through(local(), prefixed(...words));
      const transport = new Proxy(inside, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (name !== 'run') return value;
          return async (...[command, options]: Parameters<Transport['run']>) => {
            const output = await target.run(command, options);
            sent = Buffer.byteLength(command.stdin ?? '');
            received = Buffer.byteLength(output.stdout);
            return output;
          };
        },
      });
      for (let turn = 0; turn < 8; turn++) {
        const start = performance.now();
        expect((await scan(transport, { sources })).errors).toEqual([]);
        ms = Math.min(ms, performance.now() - start);
      }
      return { ms, sent, received };
    };
    const quiet = await cost(empty, []);
    const crowded = await cost(full, []);
    const asked = await cost(full, ['fds', 'threads']);
    // The measure sees what these sources cost where they are asked for.
    expect(asked.ms).toBeGreaterThan(2 * quiet.ms);
    expect(crowded.ms - quiet.ms).toBeLessThan(0.25 * (asked.ms - quiet.ms));
    expect(crowded.sent).toBe(quiet.sent);
    // Numbers of other lengths.
    expect(Math.abs(crowded.received - quiet.received)).toBeLessThan(200);
    expect(asked.sent - quiet.sent).toBeLessThan(20);
  });
});
