import { describe, expect, it } from 'vitest';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import type { Sandbox } from '../../../src/core/model/topology';
import type { NamespaceRecord, Snapshot } from '../../../src/core/model/snapshot';
import { aContainer, aNamespace, aNetwork, anEngine, anId, aSnapshot, processIn } from './builders';

const sandboxes = (namespaces: readonly NamespaceRecord[], engine?: Snapshot['engine'], more: Partial<Snapshot> = {}): readonly Sandbox[] =>
  buildTopology([{ id: 'h', label: 'h', snapshot: aSnapshot([aNamespace(1), ...namespaces], engine, more) }]).hosts[0]!.sandboxes;
const of = (namespace: NamespaceRecord): Sandbox => sandboxes([namespace]).find(({ inode }) => inode === namespace.inode)!;
const held = (cgroup: string, more: Partial<NamespaceRecord> = {}, parent = 1): NamespaceRecord => aNamespace(2, { processCount: 1, processes: [{ ...processIn(cgroup, 50), parent }], ...more });

describe('a namespace whose processes are', () => {
  const id = anId('abc');

  it("a container's of an engine that was not read is that container's, whatever number its file has", () => {
    expect(of(held(`0::/machine.slice/libpod-${id}.scope`, { paths: ['/run/netns/netns-01234567-89ab-cdef-0123-456789abcdef'] }))).toMatchObject({ role: 'container', title: 'podman abc000000000', owner: { engine: 'podman', id } });
    expect(of(held(`0::/kubepods/pod01234567-89ab-cdef-0123-456789abcdef/${id}`))).toMatchObject({ role: 'container', title: 'pod 01234567-89ab-cdef-0123-456789abcdef' });
  });

  it("an LXC container's or a machine's is that one's, unless somebody gave it a name", () => {
    expect(of(held('0::/lxc.payload.web'))).toMatchObject({ role: 'container', title: 'web', owner: { kind: 'lxc' } });
    expect(of(held('0::/machine.slice/systemd-nspawn@deb.service/payload'))).toMatchObject({ role: 'container', title: 'deb', owner: { kind: 'machine' } });
    expect(of(held('0::/lxc.payload.web', { paths: ['/run/netns/blue'] }))).toMatchObject({ role: 'named', title: 'blue', owner: { kind: 'lxc', name: 'web' } });
  });

  it("a service's is that service's, but not where a child of it made the namespace", () => {
    expect(of(held('0::/system.slice/vpn.service'))).toMatchObject({ role: 'process', title: 'vpn.service', owner: { kind: 'unit' } });
    const child = of(held('0::/system.slice/ssh.service', {}, 812));
    expect(child).toMatchObject({ role: 'process', title: 'app (50)' });
    expect(child.owner).toBeUndefined();
  });

  it("nobody's known is the oldest one's", () => {
    const processes = [processIn('0::/', 60, 10), processIn('0::/', 50, 20)];
    expect(of(aNamespace(2, { processCount: 2, processes }))).toMatchObject({ role: 'process', title: 'app (60)' });
  });
});

describe('containers that share a namespace', () => {
  const labels = (name: string): Record<string, string> => ({ 'io.kubernetes.pod.name': name, 'io.kubernetes.pod.namespace': 'shop' });
  const shared = (first: Record<string, string>, second: Record<string, string>): Sandbox =>
    sandboxes(
      [aNamespace(2, { processCount: 1, processes: [processIn(`0::/docker/${anId('a')}`, 5)] })],
      anEngine([], [aContainer('a', { labels: first }), aContainer('b', { labels: second, networkMode: `container:${anId('a')}` })]),
    ).find(({ inode }) => inode === 2)!;

  it('are all listed, and named by their pod', () => {
    const sandbox = shared(labels('web-1'), labels('web-1'));
    expect(sandbox).toMatchObject({ role: 'container', title: 'shop/web-1', pod: { name: 'web-1', namespace: 'shop' } });
    expect(sandbox.containers).toHaveLength(2);
  });

  it('are named by their own names where they are of no pod, or of two', () => {
    expect(shared({}, {})).toMatchObject({ title: 'c-a, c-b' });
    expect(shared(labels('web-1'), labels('web-2'))).toMatchObject({ title: 'c-a, c-b' });
    expect(shared(labels('web-1'), {}).pod).toBeUndefined();
  });
});

describe('a file of the engine without a network and a container', () => {
  const files = ['0123456789ab', '1-gone000000', 'lb_gone00000', 'ingress_sbox'].map((name, at) => aNamespace(10 + at, { paths: [`/var/run/docker/netns/${name}`] }));

  it('is left behind', () => {
    expect(sandboxes(files, anEngine([], [])).slice(1).map(({ role, title }) => [role, title])).toEqual([
      ['leaked', '1-gone000000'],
      ['leaked', '0123456789ab'],
      ['leaked', 'ingress_sbox'],
      ['leaked', 'lb_gone00000'],
    ]);
  });

  it('is not, where a network or a container has it', () => {
    const networks = [aNetwork('gone00000000xyz', { name: 'net', driver: 'overlay' }), aNetwork('ing', { name: 'ingress', ingress: true })];
    const found = sandboxes(files, anEngine(networks, [aContainer('a', { sandboxKey: '/run/docker/netns/0123456789ab' })]));
    expect(found.slice(1).map(({ role }) => role)).toEqual(['container', 'overlay', 'loadBalancer', 'ingress']);
  });

  it('is not said to be, where the engine was not read, or in part, or a process is in it', () => {
    const leaked = (...given: Parameters<typeof sandboxes>): number => sandboxes(...given).filter(({ role }) => role === 'leaked').length;
    expect(leaked(files)).toBe(0);
    expect(leaked(files, anEngine([], []), { errors: [{ place: { kind: 'engine' }, code: 'time-limit', message: 'Late.' }] })).toBe(0);
    expect(leaked(files.map((file) => ({ ...file, processCount: 1 })), anEngine([], []))).toBe(0);
    expect(leaked(files.map(({ paths, ...file }) => ({ ...file, paths: [], mounts: [{ path: paths[0]!, mountNamespace: 9, pid: 9 }] })), anEngine([], []))).toBe(0);
  });
});

describe("what runtimes' files say of a namespace", () => {
  const [pause, app, web] = ['d', 'e', 'f'].map((digit) => digit.repeat(64)) as [string, string, string];
  const told = (namespace: NamespaceRecord, runtimes: NonNullable<Snapshot['runtimes']>): Sandbox => sandboxes([namespace], undefined, { runtimes }).find(({ inode }) => inode === 2)!;
  const pod = { name: 'web-1', namespace: 'shop', uid: '01234567' };
  const both: NonNullable<Snapshot['runtimes']> = [
    { runtime: 'containerd', id: pause, namespace: 'k8s.io', pid: 50, pod, podContainer: pause },
    { runtime: 'containerd', id: app, namespace: 'k8s.io', pid: 999, name: 'app', pod, podContainer: pause },
  ];

  it("a pod's name, with its containers, also of those whose processes are not listed", () => {
    expect(told(held('0::/'), both)).toMatchObject({ role: 'container', title: 'shop/web-1', pod: { name: 'web-1', namespace: 'shop' }, owner: { kind: 'container', engine: 'containerd', id: pause, podUid: '01234567' }, runtimeContainers: [{ name: 'app' }] });
    expect(told(held('0::/'), both.slice(0, 1)).runtimeContainers).toMatchObject([{ id: pause }]);
  });

  it('a container by its process or by its control group, whatever file it has', () => {
    expect(told(held('1:cpu:/default/box', { paths: ['/run/netns/blue'] }), [{ runtime: 'containerd', id: 'box', namespace: 'default', pid: 50 }])).toMatchObject({ role: 'container', title: 'box', owner: { engine: 'containerd', id: 'box' } });
    expect(told(held(`0::/machine.slice/libpod-${web}.scope`), [{ runtime: 'podman', id: web, name: 'podbox' }])).toMatchObject({ title: 'podbox', owner: { engine: 'podman', id: web, name: 'podbox' } });
  });

  it('a machine, unless somebody gave the namespace a name', () => {
    const machine = [{ runtime: 'nspawn', id: 'box', name: 'box', pid: 50 }] as const;
    expect(told(held('0::/'), machine)).toMatchObject({ role: 'container', title: 'box', owner: { kind: 'machine', name: 'box' } });
    expect(told(held('0::/', { paths: ['/run/netns/blue'] }), machine)).toMatchObject({ role: 'named', title: 'blue', owner: { kind: 'machine', name: 'box' } });
  });

  it('nothing of a namespace that none of them is in', () => {
    expect(told(held('0::/'), [{ runtime: 'podman', id: web, name: 'podbox' }, { runtime: 'nspawn', id: 'box', pid: 51 }])).toMatchObject({ role: 'process', title: 'app (50)' });
  });
});

describe('a namespace made within an LXC container', () => {
  const init = aNamespace(3, { processCount: 1, processes: [{ ...processIn('0::/lxc.payload.web/init.scope', 40), parent: 39 }] });
  const of = (cgroup: string, parent: number): Sandbox => sandboxes([held(cgroup, {}, parent), init]).find(({ inode }) => inode === 2)!;

  it("by the systemd there for a service is that service's", () => {
    expect(of('0::/lxc.payload.web/system.slice/vpn.service', 40)).toMatchObject({ role: 'process', title: 'vpn.service in web', owner: { kind: 'unit', name: 'vpn.service', within: 'web' } });
    expect(sandboxes([init]).find(({ inode }) => inode === 3)).toMatchObject({ role: 'container', title: 'web', owner: { kind: 'lxc' } });
  });

  it("by a child of a service is not that service's", () => {
    expect(of('0::/lxc.payload.web/system.slice/vpn.service', 41)).toMatchObject({ role: 'container', title: 'web', owner: { kind: 'lxc' } });
  });

  it("for a machine is that machine's", () => {
    expect(of('0::/lxc.payload.web/machine.slice/systemd-nspawn@deb.service/payload', 41)).toMatchObject({ role: 'container', title: 'deb in web', owner: { kind: 'machine', name: 'deb', within: 'web' } });
  });
});
