import { describe, expect, it } from 'vitest';
import { maxHosts } from '../../../src/core/hosts/ansibleIni';
import type { Imported } from '../../../src/core/hosts/importedHost';
import { formatHostAddress } from '../../../src/core/model/address';
import { readYamlInventory } from '../../../src/discovery/imports/readYamlInventory';

const yaml = (...lines: string[]): Imported => readYamlInventory(lines.join('\n'), 'hosts.yml');
const short = ({ hosts }: Imported): string[] => hosts.map(({ name, address, keyFile, groups }) => [name, formatHostAddress(address), ...(keyFile === undefined ? [] : [keyFile]), groups.join('<')].join(' ').trim());

function expectSentence({ hosts, faults }: Imported, pattern: RegExp): void {
  expect([hosts.length, faults.length]).toEqual([0, 1]);
  expect(faults[0]).toMatch(pattern);
  expect(faults[0]).toMatch(/^[^\p{Cc}\p{Cf}]+\.$/u);
}

describe('an Ansible inventory in YAML, without Ansible', () => {
  it('has groups in groups, ranges, ports and variables; the nearest wins', () => {
    const imported = yaml(
      '---',
      'all:',
      '  vars: { ansible_user: all, ansible_ssh_private_key_file: /k }',
      '  hosts:',
      '    lone:',
      '  children:',
      '    web:',
      '      vars: { ansible_user: web }',
      '      hosts:',
      '        "web[01:02]": { ansible_port: 2222 }',
      '        special: { ansible_user: own, ansible_host: 192.0.2.7 }',
      '        "[2001:db8::1]:2200":',
      '    outer:',
      '      children:',
      '        web:',
      '        inner:',
      '          hosts: single',
    );
    expect(imported.faults).toEqual([]);
    expect(short(imported)).toEqual([
      'lone ssh://all@lone /k',
      'web01 ssh://web@web01:2222 /k web<outer',
      'web02 ssh://web@web02:2222 /k web<outer',
      'special ssh://own@192.0.2.7 /k web<outer',
      '2001:db8::1 ssh://web@[2001:db8::1]:2200 /k web<outer',
      'single ssh://all@single /k inner<outer',
    ]);
  });

  it('follows anchors and merge keys', () => {
    const imported = yaml('all:', '  hosts:', '    a: &base { ansible_user: u, ansible_port: 2200 }', '    b: { <<: *base, ansible_port: 2201 }', '    c: *base');
    expect(imported.faults).toEqual([]);
    expect(short(imported)).toEqual(['a ssh://u@a:2200', 'b ssh://u@b:2201', 'c ssh://u@c:2200']);
  });

  it('leaves out what does not fit, with its place, and takes the rest', () => {
    const imported = yaml(
      'odd: 5',
      'g:',
      '  hots: { x: }',
      '  vars: [1]',
      '  hosts:',
      '    good:',
      '    listed: [1, 2]',
      '    "x[1:": ',
      '    secret: { ansible_user: !vault "$ANSIBLE_VAULT;1.1;AES256" }',
      '    templated: { ansible_host: "{{ lookup(\'pipe\', \'id\') }}" }',
      '    local: { ansible_connection: local }',
      '    "-oProxyCommand=id":',
    );
    expect(short(imported)).toEqual(['good ssh://good g', 'listed ssh://listed g']);
    expect(imported.faults).toEqual([
      'hosts.yml: the group "odd" is left out: it is no map with hosts, vars and children.',
      'hosts.yml: "hots" in the group "g" is left out: hosts, vars and children are known.',
      'hosts.yml: "vars" of the group "g" is left out: it is no map.',
      'hosts.yml:7: what "listed" has is left out: variables by name were expected.',
      expect.stringMatching(/^hosts\.yml:8: .*bracket/),
      'hosts.yml:9: secret is left out: ansible_user is a template or a vault, which is not evaluated.',
      'hosts.yml:10: templated is left out: ansible_host is a template or a vault, which is not evaluated.',
      'hosts.yml:11: local is left out: it is reached by "local" and not over SSH.',
      expect.stringMatching(/^hosts\.yml:12: -oProxyCommand=id is left out: /),
    ]);
  });
});

describe('what a YAML inventory says that cannot hold', () => {
  it('names twice in one map are told, and the last counts, as with Ansible; a host of several groups has what all of them give', () => {
    const imported = yaml('all:', '  children:', '    web:', '      hosts:', '        a: { ansible_user: first, ansible_port: 1 }', '        b:', '        a: { ansible_user: last }', '    db:', '      hosts:', '        b: { ansible_port: 2222 }', '    web:', '      hosts:', '        c:');
    expect(short(imported)).toEqual(['c ssh://c web', 'b ssh://b:2222 db']);
    expect(imported.faults).toEqual([
      'hosts.yml:7:9: "a" stands more than once in one map; as with Ansible, what is last counts, and what is before it is left out.',
      'hosts.yml:11:5: "web" stands more than once in one map; as with Ansible, what is last counts, and what is before it is left out.',
    ]);
    expect(yaml('all:', '  hosts:', ...Array.from({ length: 30 }, () => '    a:')).faults).toHaveLength(21);
  });

  it('a list, a map or a truth where one word is expected is told', () => {
    const imported = yaml('all:', '  hosts:', '    a: { ansible_host: [192.0.2.1, 192.0.2.2] }', '    b: { ansible_user: { name: x } }', '    c: { ansible_port: true }', '    d: { ansible_host: , other: [1] }');
    expect(short(imported)).toEqual(['d ssh://d']);
    expect(imported.faults).toEqual([
      'hosts.yml:3: a is left out: ansible_host is a list, and one value was expected.',
      'hosts.yml:4: b is left out: ansible_user is a map, and one value was expected.',
      'hosts.yml:5: c is left out: ansible_port is true or false, and one value was expected.',
    ]);
  });
});

describe('hostile YAML', () => {
  it.each([
    ['a syntax error', 'all:\n  hosts:\n   a: [1\n  b: }', /^hosts\.yml:4:3: the indentation does not fit what is above it, or a bracket before it is not closed\. Nothing of the file is taken\.$/],
    ['tabs as indentation', 'all:\n\thosts:\n', /^hosts\.yml:2:1: a tab is used as indentation, where YAML takes blanks alone\. Nothing of the file is taken\.$/],
    ['several documents', 'all:\n---\nall:\n', /^hosts\.yml:2:1: a second document begins \(---\), and an inventory is one\. Nothing of the file is taken\.$/],
    ['a list', '- a\n- b\n', /^hosts\.yml is no inventory: groups by name were expected\.$/],
    ['a word with control characters', '"\\e[31mred"', /^hosts\.yml is no inventory/],
    ['nothing', '', /^hosts\.yml is empty: it names no host\.$/],
    ['an alias of nothing', 'all: *none', /^hosts\.yml:1:6: the alias \*none has no anchor &none before it\.$/],
    ['a bracket that is not closed', 'all: { hosts: [a, b', /^hosts\.yml:1:20: the indentation does not fit what is above it, or a bracket before it is not closed\. Nothing/],
    ['a quote that is not closed', 'all: "x', /^hosts\.yml:1:8: a colon, a comma, a quote or a closing bracket is missing\. Nothing/],
    ['a depth that no stack holds', '['.repeat(100_000), /^hosts\.yml(:\d+:\d+: .*|.* it nests too deep)\.( Nothing of the file is taken\.)?$/],
  ])('%s is one sentence', (_, text, pattern) => {
    expectSentence(readYamlInventory(text, 'hosts.yml'), pattern);
  });

  it('aliases that name a billion values are not followed, in no time', () => {
    const letters = 'abcdefghij'.split('');
    const bomb = letters.map((letter, at) => `${letter}: &${letter} [${Array(10).fill(at === 0 ? 'lol' : `*${letters[at - 1] ?? ''}`).join(', ')}]`);
    const start = performance.now();
    expectSentence(yaml(...bomb), /^hosts\.yml cannot be read: its aliases name too many values\.$/);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('an anchor within itself, and a depth that no stack holds, end', () => {
    for (const cycle of [yaml('all: &a', '  children:', '    b: *a'), yaml('all: &a', '  children:', '    b: *a', '    c: *a', '    d: *a')]) {
      expect(cycle.hosts).toEqual([]);
      expect(cycle.faults.length).toBeGreaterThan(0);
      expect(cycle.faults.length).toBeLessThan(10);
    }
    const deep = readYamlInventory('['.repeat(100_000), 'hosts.yml');
    expect(deep.hosts).toEqual([]);
    expect(deep.faults).toHaveLength(1);
    const nested = Array.from({ length: 300 }, (_, at) => `${' '.repeat(at * 2)}${at % 2 === 0 ? `g${String(at)}` : 'children'}:`);
    expect(yaml(...nested).faults).toEqual([expect.stringMatching(/more than 100 groups deep\.$/)]);
  });

  it('tags make nothing, and names that JavaScript knows are names', () => {
    const imported = yaml('all:', '  hosts:', '    __proto__: { ansible_user: u }', '    constructor: !!js/function "() => 1"', '    x: !!python/object/apply:os.system ["touch /tmp/owned"]', '    y: { ansible_port: !!binary MjI= }');
    expect(imported.hosts.map(({ name }) => name)).toEqual(expect.arrayContaining(['__proto__', 'constructor', 'x']));
    expect(({} as { ansible_user?: string }).ansible_user).toBeUndefined();
  });

  it('more hosts than are read, and files too large, are said', () => {
    const many = yaml('all:', '  hosts:', ...Array.from({ length: maxHosts + 10 }, (_, at) => `    h${String(at)}:`));
    expect(many.hosts).toHaveLength(maxHosts);
    expect(many.faults).toEqual([`hosts.yml names ${String(maxHosts)} hosts or more; the rest is left out.`]);
    expectSentence(readYamlInventory('#'.repeat(1024 * 1024 + 1), 'hosts.yml'), /^hosts\.yml is larger than 1 MiB/);
  });

  it('four times as many keys take some four times as long, not sixteen times, as comparing each with all others would', () => {
    const texts = [10_000, 40_000].map((keys) => Array.from({ length: keys }, (_, at) => `k${String(at)}:`).join('\n'));
    // The processor's time of this thread, which other work of the machine does not lengthen; the least of three, which leaves out what V8 does once.
    const [few = 0, many = 0] = texts.map((text) => Math.min(...[1, 2, 3].map(() => {
      const before = process.threadCpuUsage();
      expect(readYamlInventory(text, 'hosts.yml').hosts).toEqual([]);
      const { user, system } = process.threadCpuUsage(before);
      return user + system;
    })));
    expect(many / few).toBeLessThan(7);
  }, 60_000);
});
