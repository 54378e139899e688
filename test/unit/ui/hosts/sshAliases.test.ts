import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { directives, sshAliases, sshConfigPath } from '../../../../src/ui/hosts/sshAliases';

const folder = mkdtempSync(join(tmpdir(), 'ssh-aliases-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('the aliases of an ssh_config', () => {
  it('are its Host names, without patterns and what ssh takes no host for, each once', async () => {
    const config = file('config', '# Host commented\nHost node1 node2 *.example !bad node?\n  HostName 192.0.2.1\nhost=node3\nHost "node 4" node1 $(id) `id` a;b # node5\nMatch host node6\n\tUser root\r\nHOST node7\n');
    expect(await sshAliases(config)).toEqual(['node1', 'node2', 'node3', 'node7']);
  });

  it('follow Include, with wildcards, and end where files include each other', async () => {
    mkdirSync(join(folder, 'conf.d'));
    file('conf.d/10-a.conf', 'Host a\n');
    file('conf.d/20-b.conf', `Host b\nInclude ${join(folder, 'loop')}\n`);
    file('conf.d/.hidden.conf', 'Host hidden\n');
    file('conf.d/readme', 'Host readme\n');
    const config = file('loop', `Include ${join(folder, 'conf.d', '*.conf')}\nHost c\n`);
    expect(await sshAliases(config)).toEqual(['a', 'b', 'c']);
  });

  it('are none where there is no file', async () => {
    expect(await sshAliases(join(folder, 'missing'))).toEqual([]);
  });

  it('never begin like an option', async () => {
    expect(await sshAliases(file('option', 'Host -oProxyCommand=x fine\n'))).toEqual(['fine']);
  });

  it('come from the user\'s file unless another is set', () => {
    expect(sshConfigPath('')).toBe(join(homedir(), '.ssh', 'config'));
    expect(sshConfigPath('~/other')).toBe(join(homedir(), 'other'));
    expect(sshConfigPath('/etc/ssh/x')).toBe('/etc/ssh/x');
  });

  it('are read line by line as ssh_config(5) says', () => {
    expect(directives('Key  value1 "value 2"\nPort=x\n#c\n\nAlone\n')).toEqual([
      { keyword: 'key', values: ['value1', 'value 2'] },
      { keyword: 'port', values: ['x'] },
    ]);
  });
});
