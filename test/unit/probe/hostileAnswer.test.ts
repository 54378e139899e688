import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/core/model/snapshot';
import { parseSnapshot } from '../../../src/core/model/snapshotSchema';
import { buildTopology } from '../../../src/core/topology/buildTopology';
import { readAnswer } from '../../../src/probe/readAnswer';

const nonce = '0123456789abcdef0123';
const hostFrame = 'host\nkernel Linux\nhostname h\ncpus 2\nuid 0\nip json\ntools ip';
const answerOf = (...frames: readonly string[]) => readAnswer(`\n${[...frames, 'end 0'].map((frame) => `${nonce} ${frame}\n`).join('')}`, nonce, 'root')!;
const oneLink = (link: string): readonly string[] => [hostFrame, 'index 4:1\n4:1 1 1', `all 4:1\n[${link},{"ifindex":9,"ifname":"sound"}]\n[]\n[]`];

/** What was read, saved and opened again. */
function reopened(answer: ReturnType<typeof answerOf>): Snapshot {
  const snapshot = { version: 1, hostId: 'local', takenAt: '2026-01-02T03:04:05.000Z', durationMs: 1, ...answer };
  return parseSnapshot(JSON.parse(JSON.stringify(snapshot)));
}

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('whatever a host answers, its snapshot can be saved and opened again', () => {
  it.each([
    ['a key __proto__', '{"ifindex":2,"ifname":"x","odd":{"__proto__":{"polluted":1}}}'],
    ['lists within lists', `{"ifindex":2,"ifname":"x","odd":${nested(100_000)}}`],
    ['a few lists too many', `{"ifindex":2,"ifname":"x","odd":${nested(60)}}`],
    ['a number that is none of an index', '{"ifindex":1.5,"ifname":"x"}'],
    ['a number beyond all', '{"ifindex":1e30,"ifname":"x"}'],
  ])('%s: the record is left out, told of, and the others kept', (_, link) => {
    const answer = answerOf(...oneLink(link));
    expect(answer.errors).toMatchObject([{ code: 'garbled', place: { kind: 'namespace', key: '4:1' } }]);
    expect(reopened(answer).namespaces[0]?.links.map(({ name }) => name)).toEqual(['sound']);
  });

  it('numbers within a record that mean nothing are left out of it', () => {
    const answer = answerOf(...oneLink('{"ifindex":2,"ifname":"x","mtu":-1,"link_netnsid":-1,"addr_info":[{"family":"inet","local":"10.0.0.1","prefixlen":1e99}]}'));
    expect(answer.errors).toEqual([]);
    expect(reopened(answer).namespaces[0]?.links[0]).not.toHaveProperty('linkNetnsId');
  });

  it('of an ip without JSON that knows no number for the other namespace', () => {
    const text = '2: eth0@if7: <UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default \n    link/ether 02:42:0a:0d:11:07 brd ff:ff:ff:ff:ff:ff link-netnsid unknown\n    veth numtxqueues 1';
    const answer = answerOf(hostFrame.replace('ip json', 'ip text'), 'index 4:1\n4:1 1 1', `links-text 4:1\n${text}`, 'routes-text 4:1\n', 'neighbours-text 4:1\n');
    expect(reopened(answer).namespaces[0]?.links[0]).toMatchObject({ name: 'eth0', peerIfindex: 7 });
  });

  it('of a host that does not say who reads it, or how many processors it has', () => {
    const { host } = reopened(answerOf('host\nkernel Linux\nhostname h\ncpus many\nuid \nip json'));
    expect(host.cpus).toBe(0);
    expect(host.uid).not.toBe(0);
  });

  it('of namespaces whose numbers no kernel writes', () => {
    const answer = answerOf(hostFrame, `index 4:1\n4:1 1 1\n04:1 1 1\n4:01 1 1\n4:${'9'.repeat(400)} 1 1`);
    expect(reopened(answer).namespaces.map(({ key }) => key)).toEqual(['4:1']);
  });
});

describe('an answer that says the same over and over', () => {
  it('of one part tells it once', () => {
    const answer = answerOf(hostFrame, 'index 4:1\n4:1 1 1', Array.from({ length: 300_000 }, () => 'failed 4:1 links 1\nno').join(`\n${nonce} `));
    expect(answer.errors).toHaveLength(1);
  });

  it('gives a namespace its paths in a moment', () => {
    const rows = Array.from({ length: 50_000 }, (_, at) => `42 27 0:4 net:[5] /run/netns/a-name-of-some-length-${String(at)} rw - nsfs nsfs rw`);
    const started = performance.now();
    expect(answerOf(hostFrame, `mounts self\n${rows.join('\n')}`, 'index 4:1\n4:1 1 1\n4:5 0').namespaces[1]?.paths).toHaveLength(50_000);
    // A tenth of a second; half a minute where each path is compared with every other.
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('gives one address of many namespaces its owners in a moment', () => {
    const keys = Array.from({ length: 20_000 }, (_, at) => `4:${String(at + 1)}`);
    const answer = answerOf(hostFrame, `index 4:1\n${keys.map((key) => `${key} 1 1`).join('\n')}`, ...keys.map((key) => `all ${key}\n[{"ifindex":2,"ifname":"e","address":"02:00:00:00:00:01"}]\n[]\n[]`));
    const snapshot = { version: 1, hostId: 'local', takenAt: '2026-01-02T03:04:05.000Z', durationMs: 1, ...answer } as const;
    const started = performance.now();
    expect(buildTopology([{ id: 'local', label: 'x', snapshot }]).known.get('02:00:00:00:00:01')).toHaveLength(20_000);
    // A third of a second, and fifteen where each is compared with every other.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
