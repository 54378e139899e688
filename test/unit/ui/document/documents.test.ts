import { describe, expect, it } from 'vitest';
import { documentText } from '../../../../src/ui/document/documentText';
import { formatSubject, parseSubject, type DocumentSubject } from '../../../../src/ui/document/dumpUri';
import { maskEnvironment } from '../../../../src/ui/document/mask';
import type { Explorer } from '../../../../src/discovery/explorer';
import { keys, sampleTopology, type SampleOptions } from '../sampleTopology';

const t = (message: string, ...args: (string | number)[]) => message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const signal = new AbortController().signal;

describe('the address of a document', () => {
  const subjects: DocumentSubject[] = [
    { kind: 'dump', host: 'ssh://node1', namespace: '4:4026532300', dump: 'fdb' },
    { kind: 'inspect', host: 'local', record: 'container', id: 'abc' },
    { kind: 'storeRecord', host: 'local', store: 'etcd://a', api: 'etcd v2', key: '/a/\u202e"', json: true },
    { kind: 'storeNetwork', host: 'local', network: 'abc' },
    { kind: 'diagram', host: 'file:/a b/#?.json', network: 'file:/a b/#?.json|net|x' },
  ];

  it('tells what it shows', () => {
    for (const subject of subjects) expect(parseSubject(formatSubject(subject, 'a/b\n', 'node1'))).toEqual(subject);
  });

  it('is the same for the same thing, and keeps hostile titles within one segment', () => {
    const [subject] = subjects as [DocumentSubject];
    const uri = formatSubject(subject, '../../x\u202e', '..');
    expect(uri).toEqual(formatSubject(subject, '../../x\u202e', '..'));
    expect(uri.path).toBe('/..-..-x-u{202e}@-');
  });

  it('is refused where it is not ours', () => {
    for (const query of ['', '{', 'null', '{"kind":"dump"}', '{"kind":"inspect","host":"local","record":"image","id":"x"}']) {
      expect(parseSubject({ scheme: 'netns-dump', path: '/a/b.txt', query })).toBeUndefined();
    }
    expect(parseSubject({ ...formatSubject(subjects[0]!, 'a', 'b'), scheme: 'file' })).toBeUndefined();
  });
});

describe('engine records', () => {
  it('are shown without the values of their environment', () => {
    const shown = JSON.stringify(maskEnvironment({ Id: 'x', Config: { Env: ['PASSWORD=hunter2=\nmore', 'EMPTY', 3], Image: 'i' } }));
    expect(shown).not.toContain('hunter2');
    expect(shown).not.toContain('more');
    expect(JSON.parse(shown)).toEqual({ Id: 'x', Config: { Env: ['PASSWORD=(not shown)', 'EMPTY', '(not shown)'], Image: 'i' } });
  });

  it('pass through where they have none', () => {
    for (const record of [undefined, null, 'x', [], {}, { Config: null }, { Config: { Env: null } }]) expect(maskEnvironment(record)).toEqual(record);
  });
});

describe('a recorded host', () => {
  /** Stands in for an explorer that has opened one recording. */
  const recorded = (options: SampleOptions = {}): Explorer => {
    const topology = sampleTopology({ hostId: 'file:/x.json', ...options });
    return { topology, transport: () => ({ live: false }) } as unknown as Explorer;
  };
  const dump = (id: string, options?: SampleOptions) => documentText({ kind: 'dump', host: 'file:/x.json', namespace: keys.overlay, dump: id }, recorded(options), t, signal);

  it('gives its forwarding database as bridge prints it, annotated', async () => {
    const text = await dump('fdb');
    expect(text).toContain('# mynet01 on node1, net:[4026532300]');
    expect(text).toContain('02:42:0a:0d:11:03 dev vxlan0 dst 192.168.56.12 self permanent');
  });

  it('gives links, addresses, routes and neighbours as ip prints them', async () => {
    expect(await dump('links')).toContain('9: vxlan0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 master br0 state UNKNOWN\n    link/ether\n    vxlan id 4097 dstport 4789 nolearning proxy l2miss l3miss');
    expect(await dump('routes')).toContain('default via 172.17.0.1 dev eth1');
    expect(await dump('neighbours')).toContain('10.13.17.3 dev vxlan0 lladdr 02:42:0a:0d:11:03 PERMANENT');
  });

  it('says what a recording does not hold', async () => {
    expect(await dump('conntrack')).toMatch(/Connection Tracking: not in the recording/);
    const all = await dump('all');
    expect(all).toContain('02:42:0a:0d:11:03 dev vxlan0 dst 192.168.56.12');
    expect(all).toMatch(/Firewall: not in the recording/);
  });

  it('says so where the recording holds a list that is empty', async () => {
    const explorer = recorded();
    for (const sandbox of explorer.topology.sandbox.values()) (sandbox.record as { neighbours: readonly unknown[] }).neighbours = [];
    expect(await documentText({ kind: 'dump', host: 'file:/x.json', namespace: keys.overlay, dump: 'neighbours' }, explorer, t, signal)).toMatch(/# Neighbours\n# \(none\)\n$/);
  });

  it('has nothing unprintable in its documents', async () => {
    const text = await dump('all', { networkName: 'a\x1b[2J\u202e' });
    expect(text).not.toMatch(/[^\P{Cc}\n\t]|\p{Cf}/u);
    const inspect = await documentText({ kind: 'inspect', host: 'file:/x.json', record: 'network', id: 'overlay0000000' }, recorded(), t, signal);
    expect(JSON.parse(inspect)).toEqual({ Id: 'overlay0000000' });
  });

  it('answers with a sentence where the thing is gone', async () => {
    const text = await documentText({ kind: 'dump', host: 'file:/x.json', namespace: '4:1', dump: 'fdb' }, recorded(), t, signal);
    expect(text).toMatch(/is gone.*Refresh/);
  });
});

describe('a record of a key-value store', () => {
  const key = '/docker/network/v1.0/network/x\u001b\n// y';
  const store = { address: 'etcd://a', from: 'docker info', faults: [], readings: [{ api: 'etcd v2' as const, records: [{ key, value: '{"name":"\\u202e*/","ipam":"[{\\"a\\":1}]"}' }, { key: '/text', value: 'plain \u001b]0;x\u0007' }] }] };
  /** Stands in for the stores of a host, as they answer now. */
  const stores = { ask: () => Promise.resolve({ stores: [store], faults: [{ code: 'failed' as const, message: 'Half\nread.' }] }) };
  const text = (more: { key: string; json: boolean }) => documentText({ kind: 'storeRecord', host: 'local', store: 'etcd://a', api: 'etcd v2', ...more }, { topology: sampleTopology() } as unknown as Explorer, t, signal, stores);

  it('is its JSON, decoded, under comments that hold what is hostile', async () => {
    const shown = await text({ key, json: true });
    expect(shown).toBe('// /docker/network/v1.0/network/x\\x1b\\n// y\n// network \\u{202e}*/\n// etcd://a · etcd v2 · docker info\n// Half\\nread.\n{\n  "name": "\\u202e*/",\n  "ipam": [\n    {\n      "a": 1\n    }\n  ]\n}\n');
    const body = shown.split('\n').filter((line) => !line.startsWith('//')).join('\n');
    expect(JSON.parse(body)).toEqual({ name: '\u202e*/', ipam: [{ a: 1 }] });
  });

  it('is text as it is, without what a terminal obeys, and a sentence where it is gone', async () => {
    expect(await text({ key: '/text', json: false })).toBe('# /text\n# etcd://a · etcd v2 · docker info\n# Half\\nread.\nplain \\x1b]0;x\\x07\n');
    expect(await text({ key: '/gone', json: false })).toBe('# Half\\nread.\n# etcd://a has no record /gone, or it could not be read. Refresh the key-value store in the Netns Explorer.\n');
  });
});
