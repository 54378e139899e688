import { expect, it } from 'vitest';
import { readRuntimes } from '../../../src/core/facts/runtimes';

const folder = '/run/containerd/io.containerd.runtime.v2.task';
const [pause, app, podman] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];

it("reads containerd's tasks with what CRI and nerdctl wrote beside, Podman's names and nspawn's machines", () => {
  // As grep printed them on a lab host with containerd 1.6.20, Podman 4.3.1 and systemd 252.
  const body = [
    `${folder}/default/box-1/init.pid:1079`,
    `${folder}/k8s.io/${pause}/init.pid:1145`,
    `${folder}/k8s.io/${app}/init.pid:1175`,
    `${folder}/k8s.io/${pause}/config.json:"io.kubernetes.cri.sandbox-id":"${pause}"`,
    `${folder}/k8s.io/${pause}/config.json:"io.kubernetes.cri.sandbox-name":"web-1"`,
    `${folder}/k8s.io/${pause}/config.json:"io.kubernetes.cri.sandbox-namespace":"shop"`,
    `${folder}/k8s.io/${pause}/config.json:"io.kubernetes.cri.sandbox-uid":"01234567"`,
    `${folder}/k8s.io/${app}/config.json:"io.kubernetes.cri.container-name":"app"`,
    `${folder}/k8s.io/${app}/config.json:"io.kubernetes.cri.sandbox-id":"${pause}"`,
    `${folder}/k8s.io/${app}/config.json:"io.kubernetes.cri.sandbox-name":"web-1"`,
    `${folder}/default/box-1/config.json:"nerdctl/name":"<b>\\"box\\u0022"`,
    `/var/lib/containers/storage/vfs-containers/containers.json:"id":"${podman}","names":["podbox"`,
    'nspawn 818 box',
  ].join('\n');
  expect(readRuntimes(body)).toEqual([
    { runtime: 'containerd', id: 'box-1', namespace: 'default', name: '<b>"box"', pid: 1079 },
    { runtime: 'containerd', id: pause, namespace: 'k8s.io', pid: 1145, pod: { name: 'web-1', namespace: 'shop', uid: '01234567' }, podContainer: pause },
    { runtime: 'containerd', id: app, namespace: 'k8s.io', name: 'app', pid: 1175, pod: { name: 'web-1', namespace: '' }, podContainer: pause },
    { runtime: 'podman', id: podman, name: 'podbox' },
    { runtime: 'nspawn', id: 'box', name: 'box', pid: 818 },
  ]);
});

it('takes nothing from lines that are none of theirs', () => {
  expect(readRuntimes('')).toEqual([]);
  expect(readRuntimes(`nspawn x box\nnspawn 5\n${folder}/k8s.io/init.pid:5\n/tmp${folder}/a/b/init.pid:5\n"id":"${app}","names":[]\ngrep: permission denied`)).toEqual([]);
});
