import { describe, expect, it } from 'vitest';
import { containerIdOf } from '../../../src/core/facts/cgroup';
import { findOwners } from '../../../src/core/topology/owners';
import { aContainer, aLink, aNamespace, anEngine, anId, aSnapshot, processIn } from './builders';

describe('the container of a control group', () => {
  const id = anId('abc');
  const other = anId('def');
  it.each([
    ['docker, version 1', `5:devices:/docker/${id}\n0::/`],
    ['docker, systemd, version 2', `0::/system.slice/docker-${id}.scope`],
    ['podman', `0::/machine.slice/libpod-${id}.scope/container`],
    ['containerd under kubernetes', `0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope`],
    ['kubernetes, version 1', `3:cpu:/kubepods/besteffort/pod1/${id}`],
    ['nested: the innermost', `0::/docker/${other}/docker/${id}`],
  ])('%s', (_, cgroup) => {
    expect(containerIdOf(cgroup)).toBe(id);
  });
  it.each([
    ["podman's monitor", `0::/machine.slice/libpod-conmon-${id}.scope`],
    ["CRI-O's monitor", `0::/system.slice/crio-conmon-${id}.scope`],
    ['something longer', `0::/docker/${id}ab`],
    ['no container', '0::/user.slice/session-1.scope'],
  ])('none: %s', (_, cgroup) => {
    expect(containerIdOf(cgroup)).toBeUndefined();
  });
});

describe('a container is in', () => {
  const owners = (...parts: Parameters<typeof aSnapshot>): ReadonlyMap<string, string> => findOwners(aSnapshot(...parts), '4:1');

  it("the namespace of the process that the engine names", () => {
    const found = owners([aNamespace(1), aNamespace(2, { processes: [processIn('0::/', 77)] })], anEngine([], [aContainer('a', { pid: 77 })]));
    expect(found.get(anId('a'))).toBe('4:2');
  });

  it('the namespace at its sandbox key, by either name of /run', () => {
    const found = owners([aNamespace(1), aNamespace(2, { paths: ['/run/docker/netns/aa'] })], anEngine([], [aContainer('a', { sandboxKey: '/var/run/docker/netns/aa' })]));
    expect(found.get(anId('a'))).toBe('4:2');
  });

  it("the namespace of its oldest process, where it made more of them", () => {
    const cgroup = `0::/docker/${anId('a')}`;
    const found = owners([aNamespace(1), aNamespace(3, { processes: [processIn(cgroup, 90)] }), aNamespace(2, { processes: [processIn(cgroup, 80)] })], anEngine([], [aContainer('a')]));
    expect(found.get(anId('a'))).toBe('4:2');
  });

  it("the host's, in host mode, and another container's, where it shares that", () => {
    const containers = [aContainer('h', { networkMode: 'host' }), aContainer('s', { networkMode: `container:${anId('a')}` }), aContainer('a')];
    const found = owners([aNamespace(1), aNamespace(2, { processes: [processIn(`0::/docker/${anId('a')}`, 5)] })], anEngine([], containers));
    expect(Object.fromEntries(found)).toEqual({ [anId('h')]: '4:1', [anId('a')]: '4:2', [anId('s')]: '4:2' });
  });

  it("the one that has its endpoint's MAC, but not where two have it", () => {
    const mac = '02:42:00:00:00:01';
    const container = aContainer('a', { networks: [{ networkId: 'n', networkName: 'n', endpointId: 'e', mac: mac.toUpperCase() }] });
    expect(owners([aNamespace(1), aNamespace(2, { links: [aLink(4, { mac })] })], anEngine([], [container])).get(container.id)).toBe('4:2');
    expect(owners([aNamespace(1), aNamespace(2, { links: [aLink(4, { mac })] }), aNamespace(3, { links: [aLink(4, { mac })] })], anEngine([], [container])).size).toBe(0);
  });

  it('none, when it does not run', () => {
    expect(owners([aNamespace(1)], anEngine([], [aContainer('a', { state: 'exited', networkMode: 'host' })])).size).toBe(0);
  });
});
