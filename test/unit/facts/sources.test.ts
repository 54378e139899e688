import { describe, expect, it } from 'vitest';
import { readHostFacts } from '../../../src/core/facts/hostFacts';
import { readJsonRecords } from '../../../src/core/facts/json';
import { readNamespaceMounts } from '../../../src/core/facts/mountinfo';
import { readProcesses } from '../../../src/core/facts/process';
import { fixture } from './fixtures';

describe('JSON of a tool', () => {
  it('with raw control characters is read', () => {
    expect(readJsonRecords('[{"ifname":"a\u001b[31m\tb"}]')).toEqual({ records: [{ ifname: 'a\u001b[31m\tb' }], whole: true });
  });

  it("of an old writer, which escapes a single quote, is read", () => {
    expect(readJsonRecords(`[{"ifname":"it\\'s"}]`)).toEqual({ records: [{ ifname: "it's" }], whole: true });
  });

  it('that is cut off gives the records that are whole', () => {
    const text = '[{"a":1,"b":{"c":"}"}},{"a":2},{"a":3,"b":"x';
    expect(readJsonRecords(text)).toEqual({ records: [{ a: 1, b: { c: '}' } }, { a: 2 }], whole: false });
  });

  it('has empty records left out, and says when it is no JSON at all', () => {
    expect(readJsonRecords('[{},{"a":1}]')).toEqual({ records: [{ a: 1 }], whole: true });
    expect(readJsonRecords('Segmentation fault')).toEqual({ records: [], whole: false });
    expect(readJsonRecords('')).toEqual({ records: [], whole: true });
  });
});

describe('a mount table', () => {
  it("gives a Docker host's namespaces, odd names included", () => {
    const paths = readNamespaceMounts(fixture('debian-12-iproute2-6.1', 'mountinfo.txt')).map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['/run/docker/netns/1-fm11brvdbd', '/run/docker/netns/ingress_sbox', '/run/netns/two words', '/run/netns/it\'s "quoted"', '/run/netns/new\nline', '/run/netns/esc\u001b[31mred', '/run/netns/$(touch executed)']),
    );
  });

  it('may be one of several, whose rows name the process', () => {
    const rows = ['/proc/7/mountinfo:22 1 0:4 net:[4026532177] /run/a:b rw - nsfs nsfs rw', '/proc/7/mountinfo:23 1 8:1 / / rw - ext4 /dev/sda1 rw'].join('\n');
    expect(readNamespaceMounts(rows)).toEqual([{ inode: 4026532177, path: '/run/a:b', pid: 7 }]);
  });

  it('has other file systems and other namespaces left out', () => {
    const text = [
      '22 1 0:4 net:[4026532177] /run/a\\134b\\040c rw shared:2 - nsfs nsfs rw',
      '23 1 0:4 mnt:[4026532178] /run/mnt rw - nsfs nsfs rw',
      '24 1 8:1 / /net:[4026532179] rw - ext4 /dev/sda1 rw',
    ].join('\n');
    expect(readNamespaceMounts(text)).toEqual([{ inode: 4026532177, path: '/run/a\\b c' }]);
  });
});

describe('processes', () => {
  it('are read with start time and control groups', () => {
    const [process] = readProcesses(fixture('debian-12-iproute2-6.1', 'process.txt')).values();
    expect(process).toMatchObject({ pid: 945, comm: 'httpd', startTicks: 136933, parent: expect.any(Number) as number });
    expect(process?.cgroup).toContain('8:pids:/docker/f44e09e2c29c32001bdb2b9199f3a535e71ed4531a624f8d2d38fce25b19b910\n');
  });

  it('may call themselves anything', () => {
    const numbers = Array.from({ length: 18 }, (_, at) => String(at)).join(' ');
    const text = ['/proc/7/stat:7 (a) S 1 (b', '/proc/7/stat:) c) R ' + numbers + ' 4711 0', '/proc/7/cgroup:0::/x:y'].join('\n');
    expect(readProcesses(text).get(7)).toEqual({ pid: 7, comm: 'a) S 1 (b\n) c', startTicks: 4711, parent: 0, cgroup: '0::/x:y' });
  });

  it('whose line is cut off are left out', () => {
    expect(readProcesses('/proc/7/stat:7 (a) S 1 2').size).toBe(0);
  });
});

it('facts about a host', () => {
  const text = 'kernel Linux 6.1 x86_64\nhostname node1\ncpus 2\nuid 0\nip json\nip-version ip utility, iproute2-6.1.0\nworkers 2\ntools ip bridge\nos PRETTY_NAME="Debian \\"12\\""';
  expect(readHostFacts(text, 'sudo')).toEqual({
    hostname: 'node1', kernel: 'Linux 6.1 x86_64', os: 'Debian "12"', cpus: 2, uid: 0, privilege: 'sudo', ip: 'json', ipVersion: 'ip utility, iproute2-6.1.0', tools: ['ip', 'bridge'],
  });
  expect(readHostFacts('', 'user')).toMatchObject({ ip: 'none', hostname: '', tools: [] });
});
