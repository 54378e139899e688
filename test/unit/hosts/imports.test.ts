import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { maxHosts, parseAnsibleIni } from '../../../src/core/hosts/ansibleIni';
import { parseAnsibleJson } from '../../../src/core/hosts/ansibleJson';
import { parseDockerContext } from '../../../src/core/hosts/dockerContext';
import { expandRanges } from '../../../src/core/hosts/hostRange';
import type { Imported } from '../../../src/core/hosts/importedHost';
import { formatImportSource, parseImportSource } from '../../../src/core/hosts/importSource';
import { swarmHosts } from '../../../src/core/hosts/swarmHosts';
import { parseVagrantConfig } from '../../../src/core/hosts/vagrantConfig';
import { formatHostAddress, parseHostAddress } from '../../../src/core/model/address';
import { readAnsible } from '../../../src/discovery/imports/readAnsible';
import { readDockerContexts } from '../../../src/discovery/imports/readDockerContexts';
import { readVagrant, readVagrantConfig } from '../../../src/discovery/imports/readVagrant';

const short = ({ hosts }: Imported) => hosts.map(({ name, address, keyFile, groups }) => [name, formatHostAddress(address), ...(keyFile === undefined ? [] : [keyFile]), ...(groups.length === 0 ? [] : [groups.join('<')])].join(' '));
const ini = (...lines: string[]) => parseAnsibleIni(lines.join('\n'), 'hosts.ini');

/** One sentence each, with nothing in it that a terminal or an eye obeys. */
function expectSentences(faults: readonly string[]): void {
  for (const fault of faults) expect(fault).toMatch(/^[^\p{Cc}\p{Cf}]+\.$/u);
}

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'netns-unit-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

describe('an INI inventory of Ansible', () => {
  it('gives hosts with their variables, ranges and groups', () => {
    const imported = ini(
      '# a comment',
      'lonely ansible_host=192.0.2.9',
      '[web]',
      'web[01:03].example.org ansible_port=2222 # which is not the usual one',
      'other:2200 ansible_user="deploy" http_port=80',
      '[db]',
      'db-[a:b] ansible_ssh_private_key_file=~/.ssh/db',
      '[2001:db8::1]:22 ansible_user=root',
      '[site:children]',
      'web',
      'db',
      '[web:vars]',
      'ansible_user = admin',
      '[site:vars]',
      'ansible_user=nobody',
    );
    expect(imported.faults).toEqual([]);
    expect(short(imported)).toEqual([
      'lonely ssh://192.0.2.9',
      'web01.example.org ssh://admin@web01.example.org:2222 web<site',
      'web02.example.org ssh://admin@web02.example.org:2222 web<site',
      'web03.example.org ssh://admin@web03.example.org:2222 web<site',
      'other ssh://deploy@other:2200 web<site',
      'db-a ssh://nobody@db-a ~/.ssh/db db<site',
      'db-b ssh://nobody@db-b ~/.ssh/db db<site',
      '2001:db8::1 ssh://root@[2001:db8::1]:22 db<site',
    ]);
  });

  it('tells of each line that cannot be read, and takes the rest', () => {
    const imported = ini('good', '[broken', 'x y', '[web:strange]', 'lost', '[web]', 'quote a="b', 'also-good', '[a:1', 'z[5:1]', 'z[1:x]', '[web:vars]', 'novalue');
    expect(short(imported)).toEqual(['good', 'also-good'].map((name) => (name === 'good' ? 'good ssh://good' : 'also-good ssh://also-good web')));
    expect(imported.faults.map((fault) => /^hosts\.ini:(\d+): /.exec(fault)?.[1])).toEqual(['2', '3', '4', '7', '9', '10', '11', '13']);
    expectSentences(imported.faults);
  });

  it('takes no hostile value, evaluates nothing, and says so', () => {
    const imported = ini(
      '-oProxyCommand=id',
      'a ansible_host=-oProxyCommand=id',
      'b ansible_user="x y"',
      "c ansible_port='22;id'",
      'd ansible_host="{{ lookup(\'pipe\', \'id\') }}"',
      'e ansible_user=$ANSIBLE_VAULT;1.1;AES256',
      'f ansible_host="evil@host" ansible_user=me',
      'j ansible_host=root@elsewhere',
      'g ansible_connection=docker',
      'h ansible_port=99999',
      '\u202eevil\u001b[31m ansible_host=a/b',
      'i ansible_host=ok ansible_password=secret',
    );
    expect(short(imported)).toEqual(['i ssh://ok']);
    expect(imported.faults).toHaveLength(11);
    expectSentences(imported.faults);
    expect(imported.faults.join('\n')).toMatch(/d is left out: ansible_host is a template or a vault/);
    expect(imported.faults.join('\n')).toMatch(/g is left out: it is reached by "docker"/);
    expect(JSON.stringify(imported)).not.toContain('secret');
  });

  it('takes a link-local address with its zone', () => {
    const imported = ini('a ansible_host=fe80::1%eth0', '[fe80::2%br-lan.7]:2222', 'b ansible_host="fe80::1%$(id)"', 'c ansible_host=fe80::1%');
    expect(short(imported)).toEqual(['a ssh://[fe80::1%eth0]', 'fe80::2%br-lan.7 ssh://[fe80::2%br-lan.7]:2222']);
    expect(imported.hosts.map(({ address }) => parseHostAddress(formatHostAddress(address)))).toEqual(imported.hosts.map(({ address }) => address));
    expect(imported.faults.map((fault) => fault.slice(0, 28))).toEqual(['hosts.ini:3: b is left out: ', 'hosts.ini:4: c is left out: ']);
    expectSentences(imported.faults);
  });

  it('takes no pattern and no name that ssh refuses for a host, and any name that is only shown', () => {
    const imported = ini('$(id)', 'a ansible_host=`id`', 'web*', 'b ansible_user="$(id)"', 'c ansible_host=x;y', '"$(id) shown" ansible_host=192.0.2.1');
    expect(short(imported)).toEqual(['$(id) shown ssh://192.0.2.1']);
    expect(imported.faults).toEqual([
      'hosts.ini:1: $(id) is left out: "$(id)" is no name of a host: ssh takes none with blanks, quotes or characters of a shell in it.',
      expect.stringMatching(/^hosts\.ini:2: a is left out: "`id`" is no name of a host/),
      'hosts.ini:3: web* is left out: "web*" is a pattern, which names no single host.',
      expect.stringMatching(/^hosts\.ini:4: b is left out: "\$\(id\)" is no name of a user/),
      expect.stringMatching(/^hosts\.ini:5: c is left out: /),
    ]);
  });

  it('tells that arguments for ssh are not taken over', () => {
    const imported = ini('a ansible_ssh_common_args="-o ProxyCommand=x"', 'b ansible_ssh_common_args=""');
    expect(short(imported)).toEqual(['a ssh://a', 'b ssh://b']);
    expect(imported.faults).toEqual([expect.stringMatching(/^hosts\.ini:1: a: the arguments that Ansible gives to ssh for it are not taken over; /)]);
    expectSentences(imported.faults);
  });

  it('survives groups that hold themselves, and ranges without end', () => {
    const imported = ini('[a:children]', 'b', '[b:children]', 'a', '[b]', 'host', 'x[1:999999999]', 'y[1:99][1:99][1:99]');
    expect(short(imported)).toEqual(['host ssh://host b<a']);
    expect(imported.faults).toHaveLength(2);
    expectSentences(imported.faults);
    expect(short(ini(`x[1:${String(maxHosts)}]`))).toHaveLength(maxHosts);
  });

  it('expands ranges as Ansible does', () => {
    expect(expandRanges('n[1:9:4]-[a:b]', 100)).toEqual(['n1-a', 'n1-b', 'n5-a', 'n5-b', 'n9-a', 'n9-b']);
    expect(expandRanges('[008:010]', 100)).toEqual(['008', '009', '010']);
    expect(expandRanges('[:2]', 100)).toEqual(['0', '1', '2']);
    expect(() => expandRanges('n[1:3', 100)).toThrow(/bracket that is not closed/);
  });
});

describe('what ansible-inventory --list prints', () => {
  it('gives the same', () => {
    const imported = parseAnsibleJson(
      JSON.stringify({
        _meta: { hostvars: { l: { ansible_host: ['192.0.2.1'] }, w: { ansible_host: '192.0.2.1', ansible_port: 2222, ansible_user: 'u' }, v: { ansible_user: { __ansible_vault: '$ANSIBLE_VAULT;1.1' } } } },
        all: { children: ['ungrouped', 'web'] },
        web: { hosts: ['w', 'v', 'l'], vars: { ansible_ssh_private_key_file: '/k' } },
        odd: 5,
      }),
      'list.json',
    );
    expect(short(imported)).toEqual(['w ssh://u@192.0.2.1:2222 /k web']);
    expect(imported.faults).toEqual(['list.json: the group "odd" is left out: it is no object.', 'list.json: v is left out: ansible_user is a template or a vault, which is not evaluated.', 'list.json: l is left out: ansible_host is a list, and one value was expected.']);
  });

  it.each(['', 'x', '[]', 'null', '{"a":', '"\u001b[31m"'])('is refused with a sentence: %j', (text) => {
    const { hosts, faults } = parseAnsibleJson(text, 'list\u001b.json');
    expect([hosts.length, faults.length]).toEqual([0, 1]);
    expectSentences(faults);
  });
});

describe('an inventory file', () => {
  const absent = '/nonexistent/ansible-inventory';

  it('keeps the names of a group that lists others, too, and says so', () => {
    const imported = parseAnsibleJson('{"g":{"hosts":["a",3,null,"b"]}}', 'list.json');
    expect(short(imported)).toEqual(['a ssh://a g', 'b ssh://b g']);
    expect(imported.faults).toEqual(['list.json: the group "g" lists what is no name; that is left out.']);
  });

  it('is read without Ansible as INI, YAML or JSON; programs are explained', async () => {
    const folder = await folderWith({ hosts: '[g]\na\n', 'list.json': '{"g":{"hosts":["b"]}}', 'x.yml': 'g:\n  hosts:\n    c:\n', dynamic: '#!/bin/sh\ntouch executed\n' });
    await chmod(join(folder, 'dynamic'), 0o755);
    expect(short(await readAnsible(join(folder, 'hosts'), undefined, absent))).toEqual(['a ssh://a g']);
    expect(short(await readAnsible(join(folder, 'list.json'), undefined, absent))).toEqual(['b ssh://b g']);
    expect(short(await readAnsible(join(folder, 'x.yml'), undefined, absent))).toEqual(['c ssh://c g']);
    expect((await readAnsible(join(folder, 'dynamic'), undefined, absent)).faults).toEqual([expect.stringMatching(/is a program, and nothing is executed/)]);
    expect((await readAnsible(join(folder, 'none'), undefined, absent)).faults).toEqual([`There is no ${join(folder, 'none')}.`]);
    expect((await readAnsible(folder, undefined, absent)).faults).toEqual([`${folder} is no file.`]);
    execFileSync('mkfifo', [join(folder, 'pipe.ini')]);
    expect((await readAnsible(join(folder, 'pipe.ini'), undefined, absent)).faults).toEqual([`${join(folder, 'pipe.ini')} is no file.`]);
    await expect(stat(join(folder, 'executed'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.skipIf(process.platform === 'win32')('is given to a stand-in for ansible-inventory with all plugins off but two, and not in its own folder', async () => {
    const folder = await folderWith({ 'x.yml': 'g:\n  hosts: own\n', tool: '#!/bin/sh\n[ "$PWD" = / ] && [ "$ANSIBLE_INVENTORY_ENABLED" = ini,yaml ] && [ "$ANSIBLE_CONFIG" = /dev/null ] && [ "$1 $2" = "--list -i" ] && echo \'{"g":{"hosts":["fromtool"]}}\'\n', failing: '#!/bin/sh\necho "ERROR! no\u001b[31m such" >&2; exit 4\n' });
    for (const tool of ['tool', 'failing']) await chmod(join(folder, tool), 0o755);
    expect(short(await readAnsible(join(folder, 'x.yml'), undefined, join(folder, 'tool')))).toEqual(['fromtool ssh://fromtool g']);
    const failed = await readAnsible(join(folder, 'x.yml'), undefined, join(folder, 'failing'));
    expect(short(failed)).toEqual(['own ssh://own g']);
    expect(failed.faults).toEqual([expect.stringMatching(/^ansible-inventory could not read x\.yml \(ERROR! no.*such\), so it was read without it\.$/)]);
    expectSentences(failed.faults);
  });
});

describe('Vagrant', () => {
  const config = 'Host default\n  HostName 127.0.0.1\n  User vagrant\n  Port 2222\n  UserKnownHostsFile /dev/null\n  StrictHostKeyChecking no\n  IdentityFile "/my machines/.vagrant/private_key"\n  IdentityFile /second\n\nHost two\n  HostName -oProxyCommand=id\n\nHost three\n  User x\n';

  it('names its machines by vagrant ssh-config', () => {
    const imported = parseVagrantConfig(config, 'saved');
    expect(short(imported)).toEqual(['default ssh://vagrant@127.0.0.1:2222 /my machines/.vagrant/private_key']);
    expect(imported.faults).toEqual([expect.stringMatching(/^saved:10: two is left out: /), 'saved:13: three is left out: it has no HostName.']);
    expect(parseVagrantConfig('', 'saved').faults).toEqual(['saved names no machine.']);
    expect(parseVagrantConfig('%%%', 'saved').faults).toEqual(['saved:1: "%%%" is no setting of ssh_config.']);
  });

  it('tells of a proxy that is not taken over, and takes no pattern for a machine', () => {
    const imported = parseVagrantConfig('Host *\n  User root\n  HostName 192.0.2.9\nHost far\n  HostName 10.0.0.5\n  ProxyCommand ssh -W %h:%p gate\nHost near\n  HostName 10.0.0.6\n  ProxyCommand none\nHost $(id)\n  HostName 10.0.0.7\n', 'saved');
    expect(short(imported)).toEqual(['far ssh://10.0.0.5', 'near ssh://10.0.0.6']);
    expect(imported.faults).toEqual([
      'saved:1: * is left out: it is a pattern, or no name that ssh takes, and no machine.',
      'saved:4: far: its ProxyCommand is not taken over, so it may not be reached. Put the block of this machine into your SSH configuration, and use the alias "far" in place of this host.',
      'saved:10: $(id) is left out: it is a pattern, or no name that ssh takes, and no machine.',
    ]);
  });

  it('is read from a saved file', async () => {
    const folder = await folderWith({ saved: config });
    expect(short(await readVagrantConfig(join(folder, 'saved')))).toHaveLength(1);
  });

  it('without its program or without leave tells what .vagrant knows, and executes nothing', async () => {
    const folder = await folderWith({ '.vagrant/machines/web/virtualbox/id': 'x', '.vagrant/machines/web/virtualbox/private_key': 'k', '.vagrant/machines/gone/libvirt/creator_uid': '0', Vagrantfile: 'raise' });
    for (const execute of [false, true]) {
      const { hosts, faults } = await readVagrant(folder, execute, undefined, '/nonexistent/vagrant');
      expect([hosts, faults]).toEqual([[], [expect.stringMatching(/^The machine "web" \(virtualbox\) is there\. .*private_key\. /)]]);
      expectSentences(faults);
    }
    expect((await readVagrant(await folderWith({}), false)).faults).toEqual([expect.stringMatching(/has no \.vagrant\/machines/)]);
  });

  it.skipIf(process.platform === 'win32')('is asked, by a stand-in for the program, in the folder of the Vagrantfile; what it prints counts where it fails too', async () => {
    const folder = await folderWith({ vagrant: `#!/bin/sh\n[ "$PWD" = "\${0%/*}" ] && [ "$1" = ssh-config ] && printf '%s' '${config}'\necho "two is not up" >&2\nexit 1\n` });
    await chmod(join(folder, 'vagrant'), 0o755);
    const imported = await readVagrant(folder, true, undefined, join(folder, 'vagrant'));
    expect(short(imported)).toHaveLength(1);
    expect(imported.faults[0]).toMatch(/^vagrant ssh-config failed in .*: two is not up\.$/);
  });
});

describe('Docker contexts', () => {
  const context = (name: string, host: unknown) => JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } });

  it('give hosts reached over SSH, TCP or a socket, and a sentence about each other', async () => {
    const folder = await folderWith({
      'contexts/meta/a/meta.json': context('far', 'ssh://me@far:2222/run/docker.sock'),
      'contexts/meta/b/meta.json': context('here', 'unix:///var/run/docker.sock'),
      'contexts/meta/c/meta.json': context('tls', 'tcp://192.0.2.1:2376'),
      'contexts/meta/c2/meta.json': context('six', 'tcp://[2001:db8::1]:2376'),
      'contexts/meta/c3/meta.json': context('desktop', 'unix:///home/me/.docker/desktop/docker.sock'),
      'contexts/meta/c4/meta.json': context('windows', 'npipe:////./pipe/dockerDesktopLinuxEngine'),
      'contexts/meta/c5/meta.json': context('far off', 'tcp://192.0.2.1:2376'),
      'contexts/meta/c6/meta.json': context('path', 'tcp://192.0.2.1:2376/v1'),
      'contexts/meta/c7/meta.json': context('port', 'tcp://192.0.2.1:99999'),
      'contexts/meta/d/meta.json': '{',
      'contexts/meta/e/meta.json': context('evil', 'ssh://-oProxyCommand=id'),
      'contexts/meta/e2/meta.json': context('evil2', 'ssh://$(id)'),
      'contexts/meta/f/meta.json': '{"Name":5}',
      'contexts/meta/g/other': '',
      'contexts/meta/h/meta.json': context('odd\u001b', 5),
    });
    const imported = await readDockerContexts(folder);
    expect(short(imported)).toEqual(['far ssh://me@far:2222', 'tls docker://tls', 'six docker://six', 'desktop docker://desktop', 'windows docker://windows']);
    expect(imported.faults).toHaveLength(10);
    expectSentences(imported.faults);
    expect((await readDockerContexts(join(folder, 'none'))).faults).toEqual([expect.stringMatching(/^There are no Docker contexts/)]);
  });

  it('are refused where the whole is hostile', () => {
    for (const text of ['null', '[]', '{"Name":"x","Endpoints":{}}']) expectSentences(parseDockerContext(text, 'meta.json').faults);
  });
});

describe("a swarm's nodes", () => {
  it('are the others, under their addresses and as the user of their manager', () => {
    const node = (id: string, address: string) => ({ id, hostname: `host-${id}`, address, state: 'ready' });
    const swarm = { nodeId: 'm', nodeAddress: '192.0.2.1', manager: true, nodes: [node('m', '192.0.2.1'), node('w', '192.0.2.2'), node('v', '2001:db8::2'), node('x', '')] };
    const imported = swarmHosts(swarm, { kind: 'ssh', host: 'm', user: 'root', port: 2222 });
    expect(short(imported)).toEqual(['host-w ssh://root@192.0.2.2', 'host-v ssh://root@[2001:db8::2]']);
    expect(imported.faults).toEqual([expect.stringMatching(/^The swarm's node "host-x" is left out: /)]);
    expect(swarmHosts({ ...swarm, manager: false, nodes: [] }, { kind: 'local' }).faults).toHaveLength(1);
  });
});

it('a source is kept as text', () => {
  for (const source of [{ kind: 'ansible', path: '/a:b' }, { kind: 'vagrant', path: '/v' }, { kind: 'vagrant-config', path: '/c' }, { kind: 'docker-contexts' }, { kind: 'swarm', path: 'ssh://m' }] as const) {
    expect(parseImportSource(formatImportSource(source))).toEqual(source);
  }
  expect(parseImportSource('ftp:x')).toBeUndefined();
});
