import { describe, expect, it } from 'vitest';
import { innerOwner, readCgroup } from '../../../src/core/facts/cgroup';

const id = 'abc'.padEnd(64, '0');
const other = 'def'.padEnd(64, '0');
const uid = '01234567-89ab-cdef-0123-456789abcdef';

describe('the owner of a control group (paths as the programs make them, written down here: of the real ones test/live/scanRuntimes.test.ts)', () => {
  it.each([
    ['Docker', `0::/system.slice/docker-${id}.scope`, { kind: 'container', engine: 'docker', id }],
    ['Docker without systemd', `5:devices:/docker/${id}\n0::/`, { kind: 'container', engine: 'docker', id }],
    ['Podman', `0::/machine.slice/libpod-${id}.scope/container`, { kind: 'container', engine: 'podman', id }],
    ["an ordinary user's Podman", `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`, { kind: 'container', engine: 'podman', id }],
    ['containerd under Kubernetes', `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`, { kind: 'container', engine: 'containerd', id, podUid: uid }],
    ['containerd whose driver is not the one that the kubelet uses', `0::/system.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice:cri-containerd:${id}`, { kind: 'container', engine: 'containerd', id, podUid: uid }],
    ['CRI-O', `0::/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice/crio-${id}.scope`, { kind: 'container', engine: 'cri-o', id, podUid: uid }],
    ['Kubernetes, version 1', `3:cpu:/kubepods/besteffort/pod${uid}/${id}`, { kind: 'container', engine: 'unknown', id, podUid: uid }],
    ['nerdctl', `0::/system.slice/nerdctl-${id}.scope`, { kind: 'container', engine: 'containerd', id }],
    ['nerdctl without systemd', `5:devices:/default/${id}`, { kind: 'container', engine: 'containerd', id }],
    ['Podman in a service of its own (quadlet)', `0::/system.slice/shop.service/libpod-payload-${id}`, { kind: 'container', engine: 'podman', id }],
    ['Podman without systemd', `4:memory:/libpod_parent/libpod-${id}`, { kind: 'container', engine: 'podman', id }],
    ['CRI-O with crun, whose payload has a group of its own', `0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${uid.replaceAll('-', '_')}.slice/crio-${id}.scope/container`, { kind: 'container', engine: 'cri-o', id, podUid: uid }],
    ['CRI-O without systemd', `3:cpu:/kubepods/besteffort/pod${uid}/crio-${id}`, { kind: 'container', engine: 'cri-o', id, podUid: uid }],
    ['containerd in a node of kind', `0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`, { kind: 'container', engine: 'containerd', id, podUid: uid }],
    ['the innermost of nested containers', `0::/docker/${other}/system.slice/docker-${id}.scope`, { kind: 'container', engine: 'docker', id }],
    ['a container in an LXC container', `0::/lxc.payload.web/docker/${id}`, { kind: 'container', engine: 'docker', id }],
    ['LXC', '0::/lxc.payload.web/init.scope', { kind: 'lxc', name: 'web' }],
    ['LXC before version 4', '4:memory:/lxc/web', { kind: 'lxc', name: 'web' }],
    ['systemd-nspawn', '0::/machine.slice/systemd-nspawn@deb\\x2d12.service/payload/system.slice/nginx.service', { kind: 'machine', name: 'deb-12' }],
    ['a registered machine', '0::/machine.slice/machine-deb\\x2d12.scope', { kind: 'machine', name: 'deb-12' }],
    ['a machine of libvirt', '0::/machine.slice/machine-lxc\\x2d4711\\x2dweb.scope/libvirt', { kind: 'machine', name: 'lxc-4711-web' }],
    ['a service', '0::/system.slice/system-openvpn.slice/openvpn@a\\x2db.service/worker', { kind: 'unit', name: 'openvpn@a-b.service' }],
    ['a service, version 1', '5:memory:/system.slice/x.service\n1:name=systemd:/system.slice/nginx.service', { kind: 'unit', name: 'nginx.service' }],
  ])('%s', (_, cgroup, owner) => {
    expect(readCgroup(cgroup)).toEqual(owner);
  });

  it.each([
    ["Podman's monitor", `0::/machine.slice/libpod-conmon-${id}.scope`],
    ["CRI-O's monitor", `0::/system.slice/crio-conmon-${id}.scope`],
    ["LXC's monitor", '0::/lxc.monitor.web'],
    ["a user's manager", '0::/user.slice/user-1000.slice/user@1000.service/app.slice/foot.service'],
    ['a session', '0::/user.slice/user-0.slice/session-3.scope'],
    ['the root', '0::/'],
    ['nothing', ''],
  ])('none: %s', (_, cgroup) => {
    expect(readCgroup(cgroup)).toBeUndefined();
  });
});

describe('the owner within a container or machine', () => {
  it.each([
    // As a systemd 252 in LXC 5.0 had them on a lab host.
    ['a service in LXC', '9:name=systemd:/lxc.payload.sysbox/system.slice/system-vpn.slice/vpn@a\\x2db.service\n8:pids:/lxc.payload.sysbox', { kind: 'unit', name: 'vpn@a-b.service', within: 'sysbox' }],
    ['a service in LXC where both versions are', '9:name=systemd:/lxc.payload.sysbox\n8:pids:/lxc.payload.sysbox/system.slice/vpn.service\n0::/system.slice/vpn.service', { kind: 'unit', name: 'vpn.service', within: 'sysbox' }],
    ['a machine in LXC', '9:name=systemd:/lxc.payload.sysbox/machine.slice/systemd-nspawn@deb-12.service/payload', { kind: 'machine', name: 'deb-12', within: 'sysbox' }],
    ['a service in a machine', '0::/machine.slice/machine-deb\\x2d12.scope/payload/system.slice/nginx.service/worker', { kind: 'unit', name: 'nginx.service', within: 'deb-12' }],
    ['a service in a machine in LXC', '0::/lxc.payload.web/machine.slice/systemd-nspawn@deb.service/payload/system.slice/x.service', { kind: 'unit', name: 'x.service', within: 'deb in web' }],
  ])('%s', (_, cgroup, owner) => {
    expect(innerOwner(cgroup)).toEqual(owner);
  });

  it.each(['0::/lxc.payload.web/init.scope', '0::/machine.slice/systemd-nspawn@deb.service/payload', '0::/system.slice/nginx.service', '0::/lxc.payload.web/machine-a.slice/session-1.scope', `0::/lxc.payload.web/docker/${id}`, '0::/lxc.payload.web/user.slice/user-0.slice/user@0.service/app.slice/x.service', ''])('none: %s', (cgroup) => {
    expect(innerOwner(cgroup)).toBeUndefined();
  });
});
