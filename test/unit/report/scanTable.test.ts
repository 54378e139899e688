import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/core/model/snapshot';
import { errorLines } from '../../../src/core/report/errorLines';
import { scanTable } from '../../../src/core/report/scanTable';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { sampleSnapshot, sampleTopology } from '../cli/sample';

describe('scanTable', () => {
  test('shows hosts with networks and endpoints, namespaces and containers, in columns', () => {
    expect(scanTable(buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: sampleSnapshot('node1', 1) }]))).toBe(`node1  (ssh://node1, Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64, docker 20.10.24, 137 ms)

  Networks
    NETWORK  DRIVER   SUBNET         VNI   NAMESPACE   ENDPOINT  IP          MAC
    bridge   bridge   172.17.0.0/16  -     -           -         -           -
    mynet01  overlay  10.13.17.0/24  4097  4026532101  web1      10.13.17.1  02:42:0a:0d:11:01
    unused   overlay  10.13.17.0/24  4097  -           -         -           -

  Namespaces
    INODE       ROLE       NAME       PROCESSES  LINKS  PATHS
    4026532100  root       root       1          1      -
    4026532102  container  web1       1          1      /run/docker/netns/web1
    4026532101  overlay    mynet01    0          1      /run/docker/netns/1-fm11brvdbd
    4026532103  named      new\\nline  0          0      /run/netns/new\\nline

  Containers
    CONTAINER  STATE    IMAGE      NETWORK MODE  NAMESPACE
    stopped    exited   net-tools  bridge        -
    web1       running  net-tools  mynet01       4026532102
`);
  });

  test.each([
    ['no-engine', 'no engine'],
    ['engine-failed', 'engine not read'],
    ['no-permission', 'engine not read'],
  ] as const)('a host whose engine has the fault %s is said to have %s', (code, words) => {
    const bare = Object.fromEntries(Object.entries(sampleSnapshot('node1', 1)).filter(([name]) => name !== 'engine')) as unknown as Snapshot;
    const text = scanTable(buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: { ...bare, errors: [{ place: { kind: 'engine' }, code, message: 'A sentence.' }] } }]));
    expect(text.split('\n')[0]).toContain(`, ${words}, `);
  });

  test('names from hosts hold no line break and no escape sequence', () => {
    const text = scanTable(sampleTopology());
    expect(text).toContain('new\\nline');
    // eslint-disable-next-line no-control-regex -- it is what must not be there
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  });

  test('no line ends in blanks, and the text ends with one line feed', () => {
    const text = scanTable(sampleTopology());
    expect(text).not.toMatch(/ \n/);
    expect(text).toMatch(/[^\n]\n$/);
  });
});

test('errors say where they were', () => {
  const message = 'Try again.';
  expect(
    errorLines('node\x1b1', [
      { place: { kind: 'host' }, code: 'failed', message },
      { place: { kind: 'engine' }, code: 'failed', message },
      { place: { kind: 'namespace', key: '4:4026532369' }, code: 'failed', message: 'Two\nlines.' },
    ]),
  ).toEqual(['node\\x1b1: Try again.', 'node\\x1b1, engine: Try again.', 'node\\x1b1, namespace net:[4026532369]: Two\\nlines.']);
});

test('a namespace is shown with every way to it', () => {
  const snapshot = sampleSnapshot('node1', 1);
  const [root, ...others] = snapshot.namespaces;
  const ways = { ...root!, mounts: [{ path: '/run/netns/x\n', mountNamespace: 4026532999, pid: 7 }], threads: [{ pid: 8, id: 9 }], descriptors: [{ pid: 10, comm: 'x', id: 11 }] };
  expect(scanTable(buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: { ...snapshot, namespaces: [ways, ...others] } }]))).toContain(
    ' mnt:[4026532999]/run/netns/x\\n /proc/8/task/9 /proc/10/fd/11\n',
  );
});

test('what Compose made is grouped by project', () => {
  const snapshot = sampleSnapshot('node1', 1);
  const engine = snapshot.engine!;
  const labels = (service?: string) => ({ 'com.docker.compose.project': 'shop\n', ...(service !== undefined && { 'com.docker.compose.service': service }) });
  const composed = {
    ...engine,
    networks: engine.networks.map((network) => (network.name === 'unused' ? { ...network, labels: labels() } : network)),
    containers: engine.containers.map((container) => (container.name === 'web1' ? { ...container, labels: labels('web') } : container)),
  };
  const text = scanTable(buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: { ...snapshot, engine: composed } }]));
  const column = (title: string): string[] => text.slice(text.indexOf(title)).split('\n').slice(1, 4).map((line) => line.trim().split(/ {2,}/).slice(0, 2).join(' '));
  expect(column('  Networks')).toEqual(['PROJECT NETWORK', 'shop\\n unused', '- bridge']);
  expect(column('  Containers')).toEqual(['PROJECT CONTAINER', 'shop\\n/web web1', '- stopped']);
});
