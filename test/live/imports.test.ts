import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseHostAddress } from '../../src/core/model/address';
import { readImport } from '../../src/discovery/imports/readImport';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { currentLab } from '../lab/client.mjs';
import { answering, noQuestions } from './hostQuestions';
import { temporaryFolder } from './hostSshd';

const lab = await currentLab();
const limitMs = 15_000;
const context = { mayExecute: false, signal: new AbortController().signal };
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

describe('hosts that are imported', () => {
  it('from an Ansible inventory are reached with its address, user, port and key, and with no other key', async () => {
    const inventory = join(folder.path, 'hosts');
    const noKeys = join(folder.path, 'config');
    await writeFile(noKeys, `Host *\n  UserKnownHostsFile ${lab.knownHosts}\n  IdentityFile ${folder.path}/none\n  IdentityAgent none\n`);
    await writeFile(inventory, `[lab]\nfirst ansible_host=${lab.hosts.node1.address}\nsecond ansible_host=${lab.hosts.node2.address} ansible_port=${String(lab.hosts.node2.port)}\n[lab:vars]\nansible_user=root\nansible_ssh_private_key_file=${lab.clientKey}\n`);
    const { hosts, faults } = await readImport({ kind: 'ansible', path: inventory }, context);
    expect([hosts.map(({ name }) => name), faults]).toEqual([['first', 'second'], []]);
    for (const [client, host] of [['builtin', hosts[0]!], ['openssh', hosts[1]!]] as const) {
      const transport = openTransport(host.address, { questions: answering({}), sshConfigFile: noKeys, client, identityFile: host.keyFile });
      expect((await transport.run({ argv: ['id', '-u'], privilege: 'root' }, { limitMs })).stdout).toBe('0\n');
      transport.dispose();
    }
  });

  it('from Docker contexts are those that the docker program made', async () => {
    const docker = (...argv: string[]) => promisify(execFile)('docker', argv, { env: { ...process.env, DOCKER_CONFIG: folder.path } });
    await docker('context', 'create', 'far', '--docker', `host=ssh://root@${lab.hosts.node1.address}:${String(lab.hosts.node1.port)}`);
    await docker('context', 'create', 'near', '--docker', 'host=unix:///run/other.sock');
    await docker('context', 'create', 'here', '--docker', 'host=unix:///var/run/docker.sock');
    const before = process.env['DOCKER_CONFIG'];
    process.env['DOCKER_CONFIG'] = folder.path;
    try {
      const { hosts, faults } = await readImport({ kind: 'docker-contexts' }, context);
      expect(hosts.toSorted((a, b) => String(a.name).localeCompare(String(b.name)))).toEqual([{ name: 'far', address: parseHostAddress(`root@${lab.hosts.node1.address}:${String(lab.hosts.node1.port)}`), groups: [] }, { name: 'near', address: parseHostAddress('docker://near'), groups: [] }]);
      expect(faults).toEqual(['The Docker context "here" is this machine\'s own engine (/var/run/docker.sock), which the host "local" has.']);
    } finally {
      if (before === undefined) delete process.env['DOCKER_CONFIG'];
      else process.env['DOCKER_CONFIG'] = before;
    }
  });

  it("from a real swarm are the manager's other nodes", async () => {
    const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: lab.sshConfig });
    const engine = openEngine(transport);
    const swarm = (await engine.read()).snapshot?.swarm;
    engine.dispose();
    transport.dispose();
    const { hosts, faults } = await readImport({ kind: 'swarm', path: 'ssh://node1' }, { ...context, ...(swarm && { manager: { address: parseHostAddress('root@node1'), swarm } }) });
    expect(faults).toEqual([]);
    expect(hosts).toEqual([{ name: 'node2', address: { kind: 'ssh', host: lab.hosts.node2.address, user: 'root' }, groups: [] }]);
  });
});
