import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sandbox, Topology } from '../../src/core/model/topology';
import { scanTable } from '../../src/core/report/scanTable';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { currentLab, type Lab } from '../lab/client.mjs';
import { listPods } from '../lab/cri.mjs';
import { bootSystemd, containerdSocket, haltSystemd, runOfEach, startRuntimes, stopRuntimes } from '../lab/runtimes.mjs';
import { askOn, describeInLab, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { prefixed, scan, through } from './scanSupport';

const node = 'node2';

describeInLab("owners of namespaces, beside what each runtime's own program says", () => {
  let lab: Lab;
  let topology: Topology;
  let pod: Awaited<ReturnType<typeof runOfEach>> | undefined;
  let text = '';

  const on = (...argv: string[]): string => askOn(node, ...argv);
  const inodeOf = (pid: string): number => Number(on('stat', '-L', '-c', '%i', `/proc/${pid}/ns/net`));
  const sandboxOf = (pid: string): Sandbox => {
    const inode = inodeOf(pid);
    const found = topology.hosts[0]!.sandboxes.filter((sandbox) => sandbox.inode === inode);
    expect(found).toHaveLength(1);
    return found[0]!;
  };
  const pidsOf = (name: string): string => on('sh', '-c', 'for place in $(grep -lsx systemd-nspawn /proc/[0-9]*/comm); do pid=${place#/proc/}; pid=${pid%/comm}; if tr "\\0" "\\n" <"/proc/$pid/cmdline" | grep -qxe "$1"; then cat "/proc/$pid/task/$pid/children"; fi; done', 'sh', name);

  beforeAll(async () => {
    lab = await currentLab();
    await startRuntimes(lab, node);
    pod = await runOfEach(lab, node);
    const transport = openTransport({ kind: 'ssh', host: node }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    try {
      const snapshot = await scanHost(transport, engine, { limitMs: 20_000 });
      text = JSON.stringify(snapshot);
      topology = buildTopology([{ id: `ssh://${node}`, label: node, snapshot }]);
    } finally {
      engine.dispose();
      transport.dispose();
    }
  }, 90_000);

  afterAll(async () => {
    await stopRuntimes(await currentLab(), node);
  }, 60_000);

  it('LXC: as lxc-ls and lxc-info', () => {
    expect(on('lxc-ls', '--running', '-1').split(/\s+/)).toEqual(['lxcbox']);
    expect(sandboxOf(on('lxc-info', '--name', 'lxcbox', '--pid', '--no-humanize'))).toMatchObject({ role: 'container', title: 'lxcbox', owner: { kind: 'lxc', name: 'lxcbox' } });
  });

  it('systemd-nspawn without a systemd that registers it: by what it was told', () => {
    expect(sandboxOf(pidsOf('--machine=nspawnbox'))).toMatchObject({ role: 'container', title: 'nspawnbox', owner: { kind: 'machine', name: 'nspawnbox' } });
  });

  it('Podman, whose socket nobody serves: the names and ids of podman ps, all that share a namespace', () => {
    const rows = JSON.parse(on('podman', 'ps', '--format', 'json')) as readonly { readonly Id: string; readonly Names: readonly string[]; readonly Pid: number }[];
    expect(rows.map(({ Names }) => Names[0]).sort()).toEqual(['podbox', 'podside']);
    for (const { Id, Names, Pid } of rows) {
      const sandbox = sandboxOf(String(Pid));
      expect(sandbox).toMatchObject({ role: 'container', owner: { kind: 'container', engine: 'podman' } });
      expect(sandbox.title.split(', ').sort()).toEqual(['podbox', 'podside']);
      expect(sandbox.runtimeContainers).toContainEqual(expect.objectContaining({ id: Id, name: Names[0] }));
    }
  });

  it('containerd: the task of ctr by its name', () => {
    const [, pid = ''] = /^ctrbox +(\d+) +RUNNING/m.exec(on('ctr', 'tasks', 'ls')) ?? [];
    expect(sandboxOf(pid)).toMatchObject({ role: 'container', title: 'ctrbox', owner: { kind: 'container', engine: 'containerd', id: 'ctrbox' } });
  });

  it("a pod by containerd's CRI: name and namespace, its containers by their names, what holds it not among them", async () => {
    const { id, uid, containers } = pod ?? { id: '', uid: '', containers: {} };
    expect(await listPods(containerdSocket(lab, node))).toEqual([{ id, name: 'web-1', namespace: 'shop', uid }]);
    const tasks = on('ctr', '--namespace', 'k8s.io', 'tasks', 'ls');
    const pids = [id, ...Object.values(containers)].map((each) => new RegExp(`^${each} +(\\d+) +RUNNING`, 'm').exec(tasks)?.[1] ?? '');
    expect(new Set(pids.map(inodeOf)).size).toBe(1);
    const sandbox = sandboxOf(pids[0]!);
    expect(sandbox).toMatchObject({ role: 'container', title: 'shop/web-1', pod: { name: 'web-1', namespace: 'shop' }, owner: { kind: 'container', engine: 'containerd', id, podUid: uid } });
    expect(sandbox.runtimeContainers?.map((each) => [each.name, each.id]).sort()).toEqual(Object.entries(containers).sort());
    expect(Object.keys(containers)).toHaveLength(2);
    expect(scanTable(topology)).toMatch(new RegExp(`${String(sandbox.inode)} +container, containerd +shop/web-1 `));
  });

  it('nothing else of their files left the host, and no namespace of theirs is missing or nameless', () => {
    expect(text).not.toContain('s3cret');
    expect(topology.hosts[0]!.errors).toEqual([]);
    const named = topology.hosts[0]!.sandboxes.filter(({ owner, runtimeContainers }) => owner !== undefined && owner.kind !== 'unit' && (runtimeContainers ?? [1]).length > 0).map(({ title }) => title);
    expect(named.filter((title) => ['lxcbox', 'nspawnbox', 'ctrbox', 'shop/web-1'].includes(title)).sort()).toEqual(['ctrbox', 'lxcbox', 'nspawnbox', 'shop/web-1']);
  });
});

for (const groups of [undefined, 'unified'] as const) describeInLab(`a host whose first process is a real systemd, with ${groups === undefined ? "the lab's control groups" : 'control groups of version 2 alone'}, beside what systemctl says`, () => {
  let inside: [string, ...string[]];

  beforeAll(async () => {
    const pid = await bootSystemd(await currentLab(), node, groups);
    inside = ['nsenter', '--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--'];
  }, 60_000);

  afterAll(async () => {
    await haltSystemd(await currentLab(), node);
  }, 60_000);

  it('a service with a network of its own is that service\'s, and a machine of systemd-nspawn@.service is that machine\'s', async () => {
    const main = (unit: string): string => askOn(node, ...inside, 'systemctl', 'show', '--property', 'MainPID', '--value', unit);
    const inodeOf = (pid: string): number => Number(askOn(node, ...inside, 'stat', '-L', '-c', '%i', `/proc/${pid}/ns/net`));
    const transport = openTransport({ kind: 'ssh', host: node }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const snapshot = await scan(through(transport, prefixed(...inside))).finally(() => {
      transport.dispose();
    });
    const { sandboxes } = buildTopology([{ id: 'h', label: 'h', snapshot }]).hosts[0]!;
    if (groups === 'unified') expect(askOn(node, ...inside, 'findmnt', '--noheadings', '--output', 'FSTYPE', '--list', '--types', 'cgroup,cgroup2')).toBe('cgroup2');
    const nspawn = main('systemd-nspawn@deb-12.service');
    const service = inodeOf(main('vpn@a\\x2db.service'));
    const machine = inodeOf(askOn(node, ...inside, 'cat', `/proc/${nspawn}/task/${nspawn}/children`));
    const of = (inode: number): Sandbox | undefined => sandboxes.find((sandbox) => sandbox.inode === inode);
    expect(of(service)).toMatchObject({ role: 'process', title: 'vpn@a-b.service', owner: { kind: 'unit', name: 'vpn@a-b.service' } });
    expect(of(machine)).toMatchObject({ role: 'container', title: 'deb-12', owner: { kind: 'machine', name: 'deb-12' } });
    expect(sandboxes).toHaveLength(3);
    expect(of(inodeOf('1'))?.role).toBe('root');
    // Without what systemd-nspawn was told, the control group that systemd made says the same.
    const { runtimes, ...rest } = snapshot;
    expect(runtimes).toMatchObject([{ runtime: 'nspawn', id: 'deb-12' }]);
    const without = buildTopology([{ id: 'h', label: 'h', snapshot: rest }]).hosts[0]!.sandboxes;
    expect(without.find(({ inode }) => inode === machine)).toMatchObject({ role: 'container', title: 'deb-12', owner: { kind: 'machine', name: 'deb-12' } });
  });
});

describeInLab('an LXC container whose first process is a real systemd, seen from its host', () => {
  let inside: readonly string[];

  beforeAll(async () => {
    inside = ['nsenter', '--target', String(await bootSystemd(await currentLab(), node, 'lxc')), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--'];
  }, 60_000);

  afterAll(async () => {
    await haltSystemd(await currentLab(), node);
  }, 60_000);

  it('its own namespace, that of a service in it and that of a machine in it are told apart', async () => {
    const inodeOf = (path: string): number => Number(askOn(node, ...inside, 'stat', '-L', '-c', '%i', path));
    const main = (unit: string): string => askOn(node, ...inside, 'systemctl', 'show', '--property', 'MainPID', '--value', unit);
    const nspawn = main('systemd-nspawn@deb-12.service');
    const truth = {
      [inodeOf('/proc/1/ns/net')]: 'sysbox',
      [inodeOf(`/proc/${main('vpn@a\\x2db.service')}/ns/net`)]: 'vpn@a-b.service in sysbox',
      [inodeOf(`/proc/${askOn(node, ...inside, 'cat', `/proc/${nspawn}/task/${nspawn}/children`)}/ns/net`)]: 'deb-12 in sysbox',
    };
    const transport = openTransport({ kind: 'ssh', host: node }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const snapshot = await scan(transport).finally(() => {
      transport.dispose();
    });
    const { sandboxes } = buildTopology([{ id: 'h', label: 'h', snapshot }]).hosts[0]!;
    expect(Object.fromEntries(sandboxes.filter(({ inode }) => inode in truth).map(({ inode, title }) => [inode, title]))).toEqual(truth);
    expect(Object.keys(truth)).toHaveLength(3);
  });
});
