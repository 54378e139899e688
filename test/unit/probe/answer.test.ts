import { describe, expect, it } from 'vitest';
import { readFrames } from '../../../src/probe/frames';
import { probeCommand } from '../../../src/probe/probe';
import { readAnswer } from '../../../src/probe/readAnswer';
import { fixture } from '../facts/fixtures';

const nonce = '0123456789abcdef0123';
const system = 'debian-12-iproute2-6.1';
const line = (name: string): string => fixture(system, name).trim();

/** An answer as the script prints it, of a host with an overlay's sandbox, a process's namespace and its own. */
const parts = [
  `host\nkernel Linux 6.1 x86_64\nhostname node1\ncpus 2\nuid 0\nip json\nip-version ip utility, iproute2-6.1.0\nworkers 2\ntools ip bridge nsenter`,
  `mounts self\n42 27 0:4 net:[4026532177] /run/docker/netns/1-fm11brvdbd rw shared:2 - nsfs nsfs rw`,
  `index 4:4026531833\n4:4026531833 12 1 2\n4:4026532246 1 945\n4:4026532177 0`,
  `processes\n${line('process.txt')}`,
  `all 4:4026531833\n${line('root.addr.json')}\n${line('root.route.json')}\n${line('root.neigh.json')}`,
  `fdb 4:4026531833\n${line('root.fdb.json')}`,
  `all 4:4026532177\n${line('overlay.addr.json')}\n${line('overlay.route.json')}\n${line('overlay.neigh.json')}`,
  `fdb 4:4026532177\n${line('overlay.fdb.json')}`,
  `all 4:4026532246\n${line('macvlan.addr.json')}\n[]\n[]`,
  'end 0',
];
const textOf = (frames: readonly string[]): string => `\n${frames.map((frame) => `${nonce} ${frame}\n`).join('')}`;
const whole = textOf(parts);

describe('an answer', () => {
  it('holds every namespace with what it is and what was read of it', () => {
    const answer = readAnswer(whole, nonce, 'sudo')!;
    expect(answer.errors).toEqual([]);
    expect(answer.host).toMatchObject({ hostname: 'node1', privilege: 'sudo', ownNamespace: '4:4026531833', initNamespace: '4:4026531833' });
    expect(answer.namespaces.map(({ key, inode, device, paths, processCount, processes, links, fdb, read }) => [key, inode, device, paths, processCount, processes.map(({ pid }) => pid), links.length, fdb.length, read])).toEqual([
      ['4:4026531833', 4026531833, 4, [], 12, [], 11, line('root.fdb.json').split('"mac"').length - 1, 'full'],
      ['4:4026532246', 4026532246, 4, [], 1, [945], 2, 0, 'full'],
      ['4:4026532177', 4026532177, 4, ['/run/docker/netns/1-fm11brvdbd'], 0, [], 6, 16, 'full'],
    ]);
  });

  it('tells which mount namespace else shows a namespace; that of process 1 is no other', () => {
    const row = (pid: number, inode: number, path: string): string => `/proc/${String(pid)}/mountinfo:42 27 0:4 net:[${String(inode)}] ${path} rw - nsfs nsfs rw`;
    const tables = ['mounts 1:4026531840 70:4026532300', row(1, 4026532177, '/run/netns/init'), row(70, 4026532177, '/run/netns/a\\040b'), row(71, 4026532177, '/run/netns/unlisted')].join('\n');
    const record = readAnswer(textOf([...parts.slice(0, 2), tables, ...parts.slice(2)]), nonce, 'root')!.namespaces.find(({ inode }) => inode === 4026532177);
    expect(record?.paths).toEqual(['/run/docker/netns/1-fm11brvdbd', '/run/netns/init']);
    expect(record?.mounts).toEqual([{ path: '/run/netns/a b', mountNamespace: 4026532300, pid: 70 }]);
  });

  it('says once of namespaces that covered mounts elsewhere hold that nothing leads to them', () => {
    const rows = ['mounts 70:4026532300', ...[4026532901, 4026532902].map((inode) => `/proc/70/mountinfo:42 27 0:4 net:[${String(inode)}] /run/netns/${String(inode)} rw - nsfs nsfs rw`)].join('\n');
    const index = `${parts[2]!}\n4:4026532901 0\n4:4026532902 0`;
    const answer = readAnswer(textOf([...parts.slice(0, 2), rows, index, ...parts.slice(3, 9), 'hidden 4:4026532901', 'hidden 4:4026532902', 'end 0']), nonce, 'root')!;
    expect(answer.errors).toEqual([expect.objectContaining({ place: { kind: 'host' }, code: 'failed', message: expect.stringMatching(/^2 network namespaces could not be read/) as string })]);
    expect(answer.namespaces.filter(({ read }) => read === 'none').map(({ inode }) => inode)).toEqual([4026532901, 4026532902]);
  });

  it('says in one sentence how many mount tables were not looked at', () => {
    const answer = readAnswer(textOf([...parts.slice(0, 2), 'unsearched 1:4026531840 70:4026532300', ...parts.slice(2)]), nonce, 'root')!;
    expect(answer.errors).toEqual([expect.objectContaining({ place: { kind: 'host' }, code: 'tool-missing', message: expect.stringContaining('2 other mount namespaces') as string })]);
  });

  it('tells what holds a namespace, a few descriptors and threads of it, and which process a TUN device', () => {
    const more = ['holders fds\n\nfd 4:4026532177 945 7\nfd 4:4026532177 946 8\ntun 4:4026532246 945 tun*;$(id)\ntun 4:4026532246 945 tun*;$(id)\ntun - 946 tap0\nfd x 1 2', 'holders threads\nthread 4:4026532177 945 951'];
    const answer = readAnswer(textOf([...parts.slice(0, 2), ...more, ...parts.slice(2)]), nonce, 'root')!;
    expect(answer.errors).toEqual([]);
    expect(answer.host).toMatchObject({ sources: ['fds', 'threads'], tuns: [{ pid: 945, comm: 'httpd', name: 'tun*;$(id)', namespace: '4:4026532246' }, { pid: 946, name: 'tap0' }] });
    expect(answer.namespaces.find(({ inode }) => inode === 4026532177)).toMatchObject({ descriptors: [{ pid: 945, comm: 'httpd', id: 7 }, { pid: 946, id: 8 }], threads: [{ pid: 945, comm: 'httpd', id: 951 }] });
    expect(answer.namespaces.find(({ inode }) => inode === 4026532246)).not.toHaveProperty('descriptors');
  });

  it('says which dear source was not looked into, and why', () => {
    const answer = readAnswer(textOf([...parts.slice(0, 2), 'holders old\n', 'holders awk\n', ...parts.slice(2)]), nonce, 'root')!;
    expect(answer.errors.map(({ code }) => code)).toEqual(['tool-too-old', 'tool-missing']);
    expect(answer.host).not.toHaveProperty('sources');
  });

  it('may follow anything that a login prints, even without a newline', () => {
    expect(readAnswer(`Welcome\nLast login${whole}`, nonce, 'root')?.errors).toEqual([]);
  });

  it('is none where no frame came', () => {
    expect(readAnswer('sh: 1: Syntax error\n', nonce, 'root')).toBeUndefined();
    expect(readAnswer(whole.replaceAll(nonce, 'f'.repeat(20)), nonce, 'root')).toBeUndefined();
  });

  it('cut off anywhere keeps what is whole, and says so', () => {
    const first = whole.indexOf(`${nonce} mounts`);
    let read = 0;
    for (let at = first + 1; at < whole.length - 1; at += 97) {
      const answer = readAnswer(whole.slice(0, at), nonce, 'root');
      if (answer === undefined) continue;
      read++;
      expect(answer.errors.some(({ place, code }) => place.kind === 'host' && code === 'truncated')).toBe(true);
      for (const { key, read: state } of answer.namespaces) {
        if (state === 'full') continue;
        expect(answer.errors).toContainEqual(expect.objectContaining({ place: { kind: 'namespace', key }, code: 'truncated' }));
      }
    }
    expect(read).toBeGreaterThan(100);
    const inFdb = readAnswer(whole.slice(0, whole.indexOf(`${nonce} fdb 4:4026532177`) + 100), nonce, 'root')!;
    expect(inFdb.namespaces.find(({ key }) => key === '4:4026532177')).toMatchObject({ read: 'partial', fdb: [] });
  });

  it('of which a part is garbage keeps the rest, and says so', () => {
    const spoilt = whole.replace('"ifindex":20', '"ifindex":2x');
    const answer = readAnswer(spoilt, nonce, 'root')!;
    const record = answer.namespaces.find(({ key }) => key === '4:4026532177')!;
    expect(record).toMatchObject({ read: 'partial' });
    expect(record.links.map(({ name }) => name)).toEqual(['lo', 'br0', 'vxlan0', 'veth1', 'veth2']);
    expect(record.fdb).toHaveLength(16);
    expect(answer.errors).toEqual([expect.objectContaining({ code: 'garbled', place: { kind: 'namespace', key: '4:4026532177' } })]);
  });

  it('whose limit came says so of what is missing', () => {
    const late = textOf([...parts.slice(0, 6), 'end 1']);
    const answer = readAnswer(late, nonce, 'root')!;
    expect(answer.errors.map(({ place, code }) => [place.kind, code])).toEqual([['namespace', 'time-limit'], ['namespace', 'time-limit'], ['host', 'time-limit']]);
  });

  it('that refuses many namespaces says it once', () => {
    const refused = (key: string): string => `failed ${key} links 1\nnsenter: reassociate to namespace 'ns/net' failed: Operation not permitted`;
    const answer = readAnswer(textOf([...parts.slice(0, 6), refused('4:4026532246'), refused('4:4026532177'), 'end 0']), nonce, 'user')!;
    expect(answer.errors).toEqual([expect.objectContaining({ place: { kind: 'host' }, code: 'no-permission', message: expect.stringContaining('2 network namespaces') as string })]);
    expect(answer.namespaces.map(({ read }) => read)).toEqual(['full', 'none', 'none']);
  });

  it('says once to a user without root how many namespaces are closed, whether they refuse or lie in root\'s folders', () => {
    const refused = `failed 4:4026532246 links 1\nnsenter: reassociate to namespace 'ns/net' failed: Operation not permitted`;
    const asUser = [parts[0]!.replace('uid 0', 'uid 1000'), ...parts.slice(1, 6)];
    const told = (...frames: string[]) => readAnswer(textOf([...asUser, ...frames, 'end 0']), nonce, 'user')!.errors;
    expect(told(refused, 'hidden 4:4026532177')).toEqual([
      { place: { kind: 'host' }, code: 'no-permission', message: 'Only root may enter 2 network namespaces of this host, so what is in them is not shown; nor are the processes of others. Log in as root, or allow sudo for this user.', detail: expect.stringMatching(/^nsenter: /) as string },
    ]);
    expect(told('hidden 4:4026532246', 'hidden 4:4026532177').map(({ message, detail }) => [message.slice(0, 43), detail])).toEqual([['Only root may enter 2 network namespaces of', undefined]]);
    expect(told(parts[8]!, 'hidden 4:4026532177').map(({ message }) => message)).toEqual([expect.stringMatching(/^Only root may enter one network namespace of this host, so what is in it is/)]);
    // To root it is covered.
    expect(readAnswer(textOf([...parts.slice(0, 6), parts[8]!, 'hidden 4:4026532177', 'end 0']), nonce, 'root')!.errors).toMatchObject([{ place: { kind: 'namespace', key: '4:4026532177' }, code: 'failed' }]);
  });

  it('of a host where processes cannot be looked at says so', () => {
    const answer = readAnswer(textOf([parts[0]!, 'index', 'processes', 'end 0']), nonce, 'root')!;
    expect(answer.errors).toEqual([expect.objectContaining({ place: { kind: 'host' }, code: 'tool-missing', message: expect.stringContaining('stat') as string })]);
  });

  it('has no control characters in its messages, whatever a tool printed', () => {
    const failed = 'failed 4:4026532246 links 1\nerror \u001b[31mred\u0007';
    const answer = readAnswer(textOf([...parts.slice(0, 6), failed, ...parts.slice(6, 8), 'end 0']), nonce, 'root')!;
    expect(answer.errors).toEqual([expect.objectContaining({ code: 'failed', detail: 'error ?[31mred?' })]);
  });
});

describe('frames', () => {
  it('are not made by text that only looks like them', () => {
    const text = `${nonce} a\nx ${nonce} b\n${nonce}c\n${nonce} end 0\n`;
    expect(readFrames(text, nonce).frames.map(({ kind, body }) => [kind, body])).toEqual([
      ['a', `x ${nonce} b\n${nonce}c`],
      ['end', ''],
    ]);
  });

  it('whose last line lacks its newline have not ended', () => {
    expect(readFrames(`${nonce} a\n${nonce} end 0`, nonce)).toMatchObject({ ended: false, cut: { kind: 'end' } });
  });
});

describe('the command', () => {
  const options = { nonce, limitS: 17.9, workers: 4, privilege: 'root' } as const;

  it('carries its parameters with the script, not on its command line', () => {
    const command = probeCommand({ ...options, keep: ['4:1', '4:2'] });
    expect(command.argv).toEqual(['sh', '-s']);
    expect(command.stdin?.split('\n').slice(0, 5)).toEqual([`nonce=${nonce}`, 'limit=17', 'workers=4', `keep='4:1 4:2'`, "sources=''"]);
    expect(probeCommand({ ...options, sources: ['threads', 'fds'] }).stdin).toContain("\nsources='fds threads'\n");
  });

  it('takes only keys that are keys, and a nonce that nobody can guess', () => {
    expect(probeCommand({ ...options, keep: ['4:1', "'; reboot; '"] }).stdin).not.toContain('reboot');
    expect(() => probeCommand({ ...options, nonce: 'short' })).toThrow(RangeError);
    expect(() => probeCommand({ ...options, nonce: `${nonce};` })).toThrow(RangeError);
  });
});
