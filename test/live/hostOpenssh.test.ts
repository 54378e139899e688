import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTransport } from '../../src/host/openTransport';
import { createOpensshTransport } from '../../src/host/opensshTransport';
import type { Questions, Transport, TransportError } from '../../src/host/transport';
import { currentLab } from '../lab/client.mjs';
import { answering, noQuestions } from './hostQuestions';
import { makeKey, startSshd, temporaryFolder } from './hostSshd';
import { failure, readAll, Terminal, transportContract } from './transportContract';

const limitMs = 15_000;
const lab = await currentLab();
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let config: string;

/** The lab's hosts, and node2 by a ProxyCommand through node1, which the built-in client cannot run. */
beforeAll(async () => {
  folder = await temporaryFolder();
  config = join(folder.path, 'config');
  await writeFile(config, `Host node2-command\n  HostName ${lab.hosts.node2.address}\n  User root\n  ProxyCommand ssh -F ${lab.sshConfig} -W %h:%p node1\nHost asking\n  HostName ${lab.hosts.bare.address}\n  User root\n  StrictHostKeyChecking ask\nHost *\nInclude ${lab.sshConfig}\n`);
});
afterAll(() => folder.remove());

const open = (host: string, questions: Questions = noQuestions, client: 'auto' | 'openssh' = 'openssh'): Transport => openTransport({ kind: 'ssh', host }, { questions, sshConfigFile: config, client });

describe("over the system's ssh", () => {
  transportContract({ name: 'openssh, chosen for a ProxyCommand', open: () => open('node2-command', noQuestions, 'auto'), privilege: 'root' });
  transportContract({ name: 'openssh, with sudo', open: () => open('node1-vagrant'), privilege: 'sudo' });
  transportContract({ name: 'openssh, with a sudo password', open: () => open('node1-sudopw', answering({ secrets: [lab.passwords.sudopw] })), privilege: 'sudo', sudoAsksOnTerminal: true });
  transportContract({ name: 'openssh, as a user who may not use sudo', open: () => open('node1-nosudo', answering({})), privilege: 'user' });

  it('ends the stream to a UNIX socket when the other end hangs up', async () => {
    const transport = open('node1');
    // HTTP/1.0: the engine closes the connection after its answer.
    const stream = await transport.openStream({ kind: 'unixSocket', path: '/var/run/docker.sock' });
    stream.write('GET /_ping HTTP/1.0\r\n\r\n');
    expect((await readAll(stream)).toString()).toMatch(/^HTTP\/1\.0 200 OK[^]*OK$/);
    transport.dispose();
  });

  it('tells a user that a UNIX socket is not his', async () => {
    const transport = open('node1-nosudo', answering({}));
    expect((await failure(transport.openStream({ kind: 'unixSocket', path: '/var/run/docker.sock' }))).message).toMatch(/docker\.sock on node1-nosudo could not be opened over SSH/);
    transport.dispose();
  });

  it('lets sudo ask for its password on a terminal', async () => {
    const transport = open('node1-sudopw', answering({ secrets: [lab.passwords.sudopw] }));
    const terminal = await Terminal.open(transport, { argv: ['id', '-u'], privilege: 'root' });
    await terminal.until(/password/i);
    terminal.write(`${lab.passwords.sudopw}\n`);
    expect(await terminal.exit()).toBe(0);
    expect(terminal.output).toMatch(/^0\r?$/m);
    transport.dispose();
  });

  it('asks for a password through ssh itself, again where it was wrong, and never twice for one login', async () => {
    const questions = answering({ secrets: ['not it', lab.passwords.pwonly] });
    const transport = open('node1-pwonly', questions);
    await transport.connect();
    const who = await Promise.all([1, 2, 3].map(() => transport.run({ argv: ['id', '-un'], privilege: 'user' }, { limitMs })));
    expect(who.map(({ stdout }) => stdout)).toEqual(['pwonly\n', 'pwonly\n', 'pwonly\n']);
    expect(questions.secretsAsked.filter(({ kind }) => kind !== 'sudo').map(({ prompt }) => /^That was not right/.test(prompt))).toEqual([false, true]);
    transport.dispose();
  });

  it('stops at once where a person declines', async () => {
    const questions = answering({ secrets: [undefined] });
    const transport = open('node1-pwonly', questions);
    const error = await failure(transport.connect());
    expect([error.code, error.message]).toEqual(['authentication', expect.stringMatching(/pwonly@node1-pwonly was not logged in to: .*\.$/)]);
    expect(questions.secretsAsked).toHaveLength(1);
    transport.dispose();
  });

  it('asks about an unknown host key and adds it where it is accepted, and refuses one that has changed', async () => {
    const knownHosts = join(folder.path, 'known_hosts');
    const connect = (questions: Questions): Transport => openTransport({ kind: 'ssh', host: 'asking' }, { questions, sshConfigFile: config, client: 'openssh', knownHostsFiles: [knownHosts] });
    const no = answering({ hostKey: false });
    const refused = await failure(connect(no).connect());
    expect([refused.code, refused.message]).toEqual(['host-key', expect.stringMatching(/is not known and was not accepted\.$/)]);
    expect(no.hostKeysAsked[0]?.fingerprint).toMatch(/^SHA256:/);
    const accepting = connect(answering({ hostKey: true }));
    await accepting.connect();
    accepting.dispose();
    expect(await readFile(knownHosts, 'utf8')).toMatch(/ssh-|ecdsa-/);
    const again = connect(noQuestions);
    await again.connect();
    again.dispose();

    const other = (await makeKey(join(folder.path, 'other'))).split(' ').slice(0, 2).join(' ');
    await writeFile(knownHosts, `${lab.hosts.bare.address} ${other}\n`);
    const changed = await failure(connect(noQuestions).connect());
    expect([changed.code, changed.message]).toEqual(['host-key', expect.stringMatching(/has changed.*known_hosts:1/)]);
  });

  it('logs in with a certificate, for which it is chosen', async () => {
    const path = folder.path;
    await makeKey(join(path, 'ca'));
    await makeKey(join(path, 'user'));
    await promisify(execFile)('ssh-keygen', ['-q', '-s', join(path, 'ca'), '-I', 'test', '-n', 'root', join(path, 'user.pub')]);
    const sshd = await startSshd(path, [], [`TrustedUserCAKeys ${path}/ca.pub`]);
    await writeFile(join(path, 'certified'), `Host certified\n  HostName 127.0.0.1\n  Port ${String(sshd.port)}\n  User root\n  IdentityFile ${path}/user\n  IdentitiesOnly yes\n  UserKnownHostsFile ${path}/known_certified\n`);
    const transport = openTransport({ kind: 'ssh', host: 'certified' }, { questions: answering({ hostKey: true }), sshConfigFile: join(path, 'certified') });
    await transport.connect();
    expect(transport.way).toMatch(/^The system's ssh is used: .*user-cert\.pub is a certificate/);
    expect((await transport.run({ argv: ['id', '-u'], privilege: 'root' }, { limitMs })).stdout).toBe('0\n');
    transport.dispose();
    await sshd.stop();
  });

  it('waits its turn on a host that allows two sessions, and says so where it allows one', async () => {
    const path = folder.path;
    const key = await makeKey(join(path, 'few'));
    for (const [sessions, settled] of [[2, 'run'], [1, 'refused']] as const) {
      const sshd = await startSshd(path, [key], [`MaxSessions ${String(sessions)}`]);
      const config = join(path, `few-${String(sessions)}`);
      await writeFile(config, `Host few\n  HostName 127.0.0.1\n  Port ${String(sshd.port)}\n  User root\n  IdentityFile ${path}/few\n  IdentitiesOnly yes\n  StrictHostKeyChecking ask\n  UserKnownHostsFile ${path}/known_few\n`);
      const transport = openTransport({ kind: 'ssh', host: 'few' }, { questions: answering({ hostKey: true }), sshConfigFile: config, client: 'openssh' });
      const runs = Promise.all([1, 2, 3, 4].map((index) => transport.run({ argv: ['sh', '-c', 'sleep 0.2; echo "$1"', 'sh', String(index)], privilege: 'user' }, { limitMs })));
      if (settled === 'run') expect((await runs).map(({ stdout }) => stdout)).toEqual(['1\n', '2\n', '3\n', '4\n']);
      else expect(await failure(runs)).toMatchObject({ code: 'failed', message: expect.stringMatching(/opens no further session.*MaxSessions/) as string });
      transport.dispose();
      await sshd.stop();
    }
  });

  it('tells that the connection was lost, and connects anew', async () => {
    const transport = open('bare');
    await transport.connect();
    const [pid] = await masters();
    const lost = new Promise<TransportError>((resolve) => transport.onDidClose(resolve));
    const running = failure(transport.run({ argv: ['sleep', '30'], privilege: 'user' }, { limitMs }));
    process.kill(Number(pid), 'SIGKILL');
    expect([(await lost).code, (await running).code]).toEqual(['unreachable', 'unreachable']);
    expect((await transport.run({ argv: ['echo', 'again'], privilege: 'user' }, { limitMs })).stdout).toBe('again\n');
    transport.dispose();
  });

  it('leaves no process and no folder behind', async () => {
    const transport = open('bare');
    await transport.connect();
    const [pid] = await masters();
    const control = (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8')).split('\0');
    const socket = control[control.indexOf('-S') + 1]!;
    expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700);
    transport.dispose();
    await expect.poll(masters, { timeout: 5000 }).toEqual([]);
    await expect(stat(dirname(socket))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each(['builtin', 'openssh'] as const)('logs in with the one key that it is given (%s)', async (client) => {
    const config = join(folder.path, 'keyless');
    await writeFile(config, `Host keyless\n  HostName ${lab.hosts.bare.address}\n  User root\n  UserKnownHostsFile ${lab.knownHosts}\n  IdentityFile ${folder.path}/none\n  IdentityAgent none\n`);
    const open = (identityFile: string) => openTransport({ kind: 'ssh', host: 'keyless' }, { questions: noQuestions, sshConfigFile: config, client, identityFile });
    const transport = open(lab.clientKey);
    expect((await transport.run({ argv: ['id', '-u'], privilege: 'root' }, { limitMs })).stdout).toBe('0\n');
    transport.dispose();
    const wrong = open(join(folder.path, 'absent'));
    expect((await failure(wrong.connect())).code).toBe('authentication');
    wrong.dispose();
  });

  it('works with a connection for each session, as where none can be shared', async () => {
    const transport = createOpensshTransport({ kind: 'ssh', host: 'bare' }, { questions: noQuestions, sshConfigFile: config, shareConnection: false });
    expect((await transport.run({ argv: ['id', '-u'], privilege: 'root' }, { limitMs })).stdout).toBe('0\n');
    const error = await failure(transport.run({ argv: ['sleep', '3'], privilege: 'root' }, { limitMs: 1000 }));
    expect(error.code).toBe('time-limit');
    transport.dispose();
  });
});

/** Process ids of shared connections to the bare host that this process has open. */
async function masters(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)]);
  return stdout.split('\n').filter((line) => / -M -S /.test(line) && / bare /.test(line)).map((line) => line.trim().split(' ')[0]!);
}
