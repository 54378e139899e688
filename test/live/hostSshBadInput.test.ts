import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openTransport } from '../../src/host/openTransport';
import type { Questions, Transport, TransportError } from '../../src/host/transport';
import { currentLab } from '../lab/client.mjs';
import { answering, noQuestions } from './hostQuestions';
import { freePort, makeKey, startSshd, temporaryFolder } from './hostSshd';
import { failure, processesWith, uniqueSeconds } from './transportContract';

const execute = promisify(execFile);
const lab = await currentLab();
const limitMs = 15_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const transports: Transport[] = [];
let configs = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterEach(() => {
  for (const transport of transports.splice(0)) transport.dispose();
});
afterAll(() => folder.remove());

/** A transport to the host `x` of a configuration of its own. */
async function open(settings: readonly string[], questions: Questions = noQuestions): Promise<Transport> {
  const file = join(folder.path, `config-${String(configs++)}`);
  await writeFile(file, `Host x\n${settings.map((line) => `  ${line}\n`).join('')}`);
  const transport = openTransport({ kind: 'ssh', host: 'x' }, { questions, sshConfigFile: file, client: 'builtin' });
  transports.push(transport);
  return transport;
}

/** Lab settings for node1, with what a test sets before them: the first value counts in ssh_config. */
function node1(settings: readonly string[]): string[] {
  return [...settings, `HostName ${lab.hosts.node1.address}`, 'User root', `IdentityFile ${lab.clientKey}`, 'IdentitiesOnly yes', `UserKnownHostsFile ${lab.knownHosts}`, 'GlobalKnownHostsFile none'];
}

/** One sentence or a few, for people: no stack, no line break, nothing undefined. */
function expectSentence(error: TransportError, code: TransportError['code'], pattern: RegExp): void {
  expect(error).toMatchObject({ name: 'TransportError', code });
  expect(error.message).toMatch(pattern);
  expect(error.message).not.toMatch(/\n|undefined|\[object|Error:/);
  expect(error.message).toMatch(/\.$/);
}

describe('a host that cannot be reached', () => {
  it('listens on nothing', async () => {
    const transport = await open(['HostName 127.0.0.1', `Port ${String(await freePort())}`]);
    expectSentence(await failure(transport.connect()), 'unreachable', /nothing listens there; check the port/);
  });

  it('has a name that nobody knows', async () => {
    const transport = await open(['HostName no-such-host.invalid']);
    expectSentence(await failure(transport.connect()), 'unreachable', /the name is not known/);
  });

  it('accepts the connection and never says a word', async () => {
    const silent = await listen(() => undefined);
    const transport = await open(['HostName 127.0.0.1', `Port ${String(silent.port)}`, 'ConnectTimeout 1']);
    const before = Date.now();
    expectSentence(await failure(transport.connect()), 'unreachable', /^No answer from \S+ at 127\.0\.0\.1:\d+ within 1 s/);
    expect(Date.now() - before).toBeLessThan(4000);
    silent.close();
  });

  it('speaks something else', async () => {
    const web = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const transport = await open(['HostName 127.0.0.1', `Port ${String(web.port)}`, 'ConnectTimeout 3']);
    expectSentence(await failure(transport.connect()), 'unreachable', /does not speak SSH|No answer from/);
    web.close();
  });

  it('is given up when the user cancels, and can be tried again', async () => {
    const silent = await listen(() => undefined);
    const transport = await open(['HostName 127.0.0.1', `Port ${String(silent.port)}`]);
    const controller = new AbortController();
    const connecting = failure(transport.connect(controller.signal));
    controller.abort();
    expectSentence(await connecting, 'cancelled', /was cancelled/);
    silent.close();
    expectSentence(await failure(transport.connect()), 'unreachable', /nothing listens/);
  });

  it('lies behind a jump host that cannot reach it', async () => {
    const file = join(folder.path, 'jump-config');
    await writeFile(file, `Host far\n  HostName 127.0.0.1\n  Port 1\n  ProxyJump node1\nMatch all\nInclude ${lab.sshConfig}\n`);
    const transport = openTransport({ kind: 'ssh', host: 'far' }, { questions: noQuestions, sshConfigFile: file });
    transports.push(transport);
    expectSentence(await failure(transport.connect()), 'unreachable', /through its jump host/);
  });

  it('is reached by jumps that lead in a circle', async () => {
    const file = join(folder.path, 'circle-config');
    await writeFile(file, 'Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n');
    const transport = openTransport({ kind: 'ssh', host: 'a' }, { questions: noQuestions, sshConfigFile: file });
    transports.push(transport);
    expectSentence(await failure(transport.connect()), 'failed', /ProxyJump that leads back to itself/);
  });

  it('is reached by what the built-in client cannot do', async () => {
    const marker = join(folder.path, 'executed');
    const transport = await open([`ProxyCommand touch ${marker}`]);
    expectSentence(await failure(transport.connect()), 'failed', /ProxyCommand, which the built-in SSH client cannot run/);
    await expect(stat(marker)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('has a configuration that ssh cannot read', async () => {
    const transport = await open(['NoSuchOption yes']);
    expectSentence(await failure(transport.connect()), 'failed', /SSH settings for x cannot be read: .*(Bad configuration|bad configuration)/);
  });
});

describe('a host key', () => {
  const unknownFile = () => join(folder.path, `known-${String(configs)}`);

  it('that is unknown is asked about with its fingerprint, and refused when the user declines', async () => {
    const file = unknownFile();
    const questions = answering({ hostKey: false });
    const transport = await open(node1([`UserKnownHostsFile ${file}`, 'StrictHostKeyChecking ask']), questions);
    expectSentence(await failure(transport.connect()), 'host-key', /SHA256:\S+ \(ssh-ed25519\), is not known and was not accepted/);
    expect(questions.hostKeysAsked).toEqual([{ host: 'root@x', keyType: 'ssh-ed25519', fingerprint: await fingerprintOf(lab.hosts.node1.hostKeys.ed25519) }]);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each(['no', 'yes'])('that is accepted is kept, so that ssh itself knows it too (HashKnownHosts %s)', async (hash) => {
    const file = unknownFile();
    const settings = node1([`UserKnownHostsFile ${file}`, 'StrictHostKeyChecking ask', `HashKnownHosts ${hash}`]);
    const transport = await open(settings, answering({ hostKey: true }));
    await transport.connect();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(hash === 'yes' ? /^\|1\|\S+\|\S+ ssh-ed25519 \S+\n$/ : /^192\.168\.\d+\.\d+ ssh-ed25519 \S+\n$/);
    const { stdout } = await execute('ssh-keygen', ['-F', lab.hosts.node1.address, '-f', file]);
    expect(stdout).toContain('ssh-ed25519');
    await (await open(settings)).connect();
  });

  it.each(['ask', 'no', 'accept-new', 'yes'])('that has changed is refused, and told where the other one stands (StrictHostKeyChecking %s)', async (strict) => {
    const file = unknownFile();
    await writeFile(file, `# a comment\n${lab.hosts.node1.address} ${keyOf(lab.hosts.node2.hostKeys.ed25519)}\n`);
    const transport = await open(node1([`UserKnownHostsFile ${file}`, `StrictHostKeyChecking ${strict}`]));
    const error = await failure(transport.connect());
    expectSentence(error, 'host-key', /has changed/);
    expect(error.message).toContain(`${file}:2`);
    expect(error.message).toContain(await fingerprintOf(lab.hosts.node1.hostKeys.ed25519));
    expect(error.message).toContain(await fingerprintOf(lab.hosts.node2.hostKeys.ed25519));
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(3);
  });

  it('that is unknown is refused unasked where the configuration is strict', async () => {
    const transport = await open(node1([`UserKnownHostsFile ${unknownFile()}`, 'StrictHostKeyChecking yes']));
    expectSentence(await failure(transport.connect()), 'host-key', /asks for known keys only/);
  });

  it('that is unknown is kept unasked where the configuration says accept-new', async () => {
    const file = unknownFile();
    await (await open(node1([`UserKnownHostsFile ${file}`, 'StrictHostKeyChecking accept-new']))).connect();
    expect(await readFile(file, 'utf8')).toContain('ssh-ed25519');
  });

  it('that is revoked is refused', async () => {
    const file = unknownFile();
    const key = keyOf(lab.hosts.node1.hostKeys.ed25519);
    await writeFile(file, `${lab.hosts.node1.address} ${key}\n@revoked * ${key}\n`);
    const transport = await open(node1([`UserKnownHostsFile ${file}`]));
    expectSentence(await failure(transport.connect()), 'host-key', /marks as revoked/);
  });

  it('that only a certificate authority vouches for is asked about, with a word on why', async () => {
    const file = unknownFile();
    await writeFile(file, `@cert-authority ${lab.hosts.node1.address} ${keyOf(lab.hosts.node2.hostKeys.ed25519)}\n`);
    const questions = answering({ hostKey: true });
    await (await open(node1([`UserKnownHostsFile ${file}`, 'StrictHostKeyChecking ask']), questions)).connect();
    expect(questions.hostKeysAsked[0]?.note).toContain(`${file}:1 trusts certificates`);
  });

  it.each(['rsa', 'ecdsa'] as const)('of another type is asked for where that is the one that is known (%s)', async (type) => {
    const file = unknownFile();
    await writeFile(file, `${lab.hosts.node1.address} ${keyOf(lab.hosts.node1.hostKeys[type])}\n`);
    await (await open(node1([`UserKnownHostsFile ${file}`, 'StrictHostKeyChecking yes']))).connect();
  });

  it('of a jump host is checked too', async () => {
    const file = join(folder.path, 'jump-unknown');
    await writeFile(file, `Host node1\n  UserKnownHostsFile ${file}.known\nMatch all\nInclude ${lab.sshConfig}\n`);
    const transport = openTransport({ kind: 'ssh', host: 'node2-jump' }, { questions: noQuestions, sshConfigFile: file });
    transports.push(transport);
    expectSentence(await failure(transport.connect()), 'host-key', /root@node1, SHA256/);
  });
});

describe('a login', () => {
  it('with a key that is not allowed says what was tried', async () => {
    const key = join(folder.path, 'stranger');
    await makeKey(key);
    const transport = await open(node1([`IdentityFile ${key}`]).filter((line) => !line.includes(lab.clientKey)));
    const error = await failure(transport.connect());
    expectSentence(error, 'authentication', /root@x refused the login \(tried the key/);
    expect(error.message).toContain(key);
  });

  it('with a locked key that is not allowed does not ask for its passphrase', async () => {
    const key = join(folder.path, 'locked-stranger');
    await makeKey(key, 'ed25519', 'secret');
    const transport = await open(node1([`IdentityFile ${key}`]).filter((line) => !line.includes(lab.clientKey)));
    expectSentence(await failure(transport.connect()), 'authentication', /refused the login/);
  });

  it('with a locked key asks for its passphrase, again when it is wrong, and keeps it for the next connection', async () => {
    const key = join(folder.path, 'locked');
    await copyFile(lab.clientKey, key);
    await chmod(key, 0o600);
    await execute('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sésame', '-f', key]);
    const questions = answering({ secrets: ['wrong', 'open sésame'] });
    const transport = await open(node1([]).map((line) => line.replace(lab.clientKey, key)), questions);
    await transport.connect();
    expect(questions.secretsAsked.map(({ kind }) => kind)).toEqual(['passphrase', 'passphrase']);
    expect(questions.secretsAsked[1]?.prompt).toMatch(/not right/);
    await loseConnection(transport);
    await transport.connect();
    expect(questions.secretsAsked).toHaveLength(2);

    const declined = await open(node1([]).map((line) => line.replace(lab.clientKey, key)), answering({}));
    expectSentence(await failure(declined.connect()), 'authentication', /no passphrase was given/);
    const thrice = answering({ secrets: ['1', '2', '3', 'open sésame'] });
    const wrong = await open(node1([]).map((line) => line.replace(lab.clientKey, key)), thrice);
    expectSentence(await failure(wrong.connect()), 'authentication', /wrong 3 times/);
    expect(thrice.secretsAsked).toHaveLength(3);
  });

  it('by password asks for it, again when it is wrong', async () => {
    for (const [first, method] of [['keyboard-interactive', 'keyboard-interactive'], ['password', 'password']] as const) {
      const questions = answering({ secrets: ['wrong', lab.passwords.pwonly, undefined] });
      const transport = await open(node1(['User pwonly', `PreferredAuthentications ${first}`]), questions);
      await transport.connect();
      expect(questions.secretsAsked.filter(({ kind }) => kind !== 'sudo').map(({ kind }) => kind)).toEqual([method, method]);
      expect((await transport.run({ argv: ['id', '-un'], privilege: 'user' }, { limitMs })).stdout).toBe('pwonly\n');
    }
  });

  it('by password ends when the user declines, or after three wrong ones', async () => {
    const declined = await open(node1(['User pwonly']), answering({}));
    expectSentence(await failure(declined.connect()), 'authentication', /was not logged in to/);
    const questions = answering({ secrets: ['1', '2', '3'] });
    const wrong = await open(node1(['User pwonly', 'PreferredAuthentications password']), questions);
    expectSentence(await failure(wrong.connect()), 'authentication', /refused the login \(tried .*a password/);
    expect(questions.secretsAsked).toHaveLength(3);
  });

  it('asks nothing in batch mode', async () => {
    const transport = await open(node1(['User pwonly', 'BatchMode yes']));
    expectSentence(await failure(transport.connect()), 'authentication', /refused the login/);
  });

  it('uses the agent, and goes on without a key that the agent will not sign with', async () => {
    const socket = join(folder.path, 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(agent.stdout, 'data');
    const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_ASKPASS: '/bin/false', DISPLAY: '' };
    const withAgent = [`HostName ${lab.hosts.node1.address}`, 'User root', `IdentityAgent ${socket}`, 'IdentityFile none', `UserKnownHostsFile ${lab.knownHosts}`];
    try {
      await execute('ssh-add', ['-q', lab.clientKey], { env });
      await (await open(withAgent)).connect();
      await execute('ssh-add', ['-q', '-D'], { env });
      // Each use is to be confirmed, and /bin/false confirms nothing.
      await execute('ssh-add', ['-q', '-c', lab.clientKey], { env });
      expectSentence(await failure((await open(withAgent)).connect()), 'authentication', /refused the login/);
      const other = join(folder.path, 'other-copy');
      await copyFile(lab.clientKey, other);
      await chmod(other, 0o600);
      expectSentence(await failure((await open([...withAgent, 'IdentitiesOnly yes'])).connect()), 'authentication', /there was nothing to try/);
    } finally {
      agent.kill();
    }
  });
});

describe('sudo that wants a password', () => {
  it('is asked three times at most, and then read as far as a user sees', async () => {
    const questions = answering({ secrets: ['wrong', 'worse', 'worst', lab.passwords.sudopw] });
    const transport = openTransport({ kind: 'ssh', host: 'node1-sudopw' }, { questions, sshConfigFile: lab.sshConfig });
    transports.push(transport);
    await transport.connect();
    expect(questions.secretsAsked.map(({ kind }) => kind)).toEqual(['sudo', 'sudo', 'sudo']);
    expect(transport.privilege).toBe('user');
    expect((await transport.run({ argv: ['id', '-un'], privilege: 'user' }, { limitMs })).stdout).toBe('sudopw\n');
    expectSentence(await failure(transport.run({ argv: ['id'], privilege: 'root' }, { limitMs })), 'no-permission', /needs root/);
  });

  it('is asked once: not for the next command, and not after the connection was lost', async () => {
    const questions = answering({ secrets: [lab.passwords.sudopw] });
    const transport = openTransport({ kind: 'ssh', host: 'node1-sudopw' }, { questions, sshConfigFile: lab.sshConfig });
    transports.push(transport);
    await transport.connect();
    await loseConnection(transport);
    await transport.connect();
    expect((await transport.run({ argv: ['id', '-u'], privilege: 'root' }, { limitMs })).stdout).toBe('0\n');
    expect(questions.secretsAsked).toHaveLength(1);
  });

  it('leaves the password in no command line, environment or file of the host', async () => {
    const transport = openTransport({ kind: 'ssh', host: 'node1-sudopw' }, { questions: answering({ secrets: [lab.passwords.sudopw] }), sshConfigFile: lab.sshConfig });
    transports.push(transport);
    const look = 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; cat; id -u';
    const { stdout } = await transport.run({ argv: ['sh', '-c', look], privilege: 'root', stdin: 'the input\n' }, { limitMs });
    expect(stdout).toContain('the input\n0\n');
    expect(stdout).not.toContain(lab.passwords.sudopw);
  });

  it('is not asked again of a user who declined', async () => {
    const questions = answering({ secrets: [undefined, lab.passwords.sudopw] });
    const transport = openTransport({ kind: 'ssh', host: 'node1-sudopw' }, { questions, sshConfigFile: lab.sshConfig });
    transports.push(transport);
    await transport.connect();
    await loseConnection(transport);
    await transport.connect();
    expect(questions.secretsAsked).toHaveLength(1);
    expect(transport.privilege).toBe('user');
  });
});

describe('a connection that is lost', () => {
  it('fails what is under way with what came until then, tells who listens, and can be opened again', async () => {
    const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: lab.sshConfig });
    transports.push(transport);
    await transport.connect();
    const told: TransportError[] = [];
    transport.onDidClose((error) => told.push(error));
    const trace = uniqueSeconds();
    const running = failure(transport.run({ argv: ['sh', '-c', `echo begun; exec sleep ${trace}`], privilege: 'user' }, { limitMs: 60_000 }));
    const stream = await transport.openStream({ kind: 'command', command: { argv: ['cat'], privilege: 'user' } });
    const broken = once(stream, 'error');
    const terminal = await transport.openTerminal({ argv: ['sh'], privilege: 'user' }, { columns: 80, rows: 24 });
    const exited = new Promise((resolve) => {
      if (terminal.kind === 'remote') terminal.onExit(resolve);
    });
    await expect.poll(() => processesWith(transport, trace)).not.toEqual([]);
    const before = Date.now();
    await loseConnection(transport);
    const error = await running;
    expectSentence(error, 'unreachable', /^Connection lost: .* \(root@node1\)/);
    expect(error.partial?.stdout).toBe('begun\n');
    expect(((await broken) as [TransportError])[0].code).toBe('unreachable');
    expect(await exited).toBeUndefined();
    expect(Date.now() - before).toBeLessThan(5000);
    expect(told).toHaveLength(1);
    expect(told[0]?.code).toBe('unreachable');
    await transport.connect();
    expect((await transport.run({ argv: ['echo', 'again'], privilege: 'user' }, { limitMs })).stdout).toBe('again\n');
    for (const line of await processesWith(transport, trace)) expect(line).toContain('sleep');
    await transport.run({ argv: ['sh', '-c', 'for f in /proc/[0-9]*/cmdline; do case $(tr "\\0" " " <"$f" 2>/dev/null) in "sleep $1 ") p=${f#/proc/}; kill "${p%%/*}";; esac; done', 'sh', trace], privilege: 'user' }, { limitMs });
  });

  it('is noticed when the host falls silent', async () => {
    const key = join(folder.path, 'silent-key');
    const sshd = await startSshd(folder.path, [await makeKey(key)]);
    const relay = await startRelay(sshd.port);
    try {
      const transport = await open(['HostName 127.0.0.1', 'User root', `Port ${String(relay.port)}`, `IdentityFile ${key}`, 'IdentitiesOnly yes', 'StrictHostKeyChecking accept-new', `UserKnownHostsFile ${key}.known`, 'ServerAliveInterval 1', 'ServerAliveCountMax 1']);
      await transport.connect();
      const lost = new Promise<TransportError>((resolve) => transport.onDidClose(resolve));
      relay.freeze();
      expectSentence(await lost, 'unreachable', /it no longer answers/);
    } finally {
      relay.close();
      await sshd.stop();
    }
  });
});

describe('a host that falls silent, with no keepalive due yet', () => {
  async function silent(): Promise<{ readonly transport: Transport; readonly freeze: () => void; readonly stop: () => Promise<void> }> {
    const key = join(folder.path, `quiet-key-${String(configs)}`);
    const sshd = await startSshd(folder.path, [await makeKey(key)]);
    const relay = await startRelay(sshd.port);
    const transport = await open(['HostName 127.0.0.1', 'User root', `Port ${String(relay.port)}`, `IdentityFile ${key}`, 'IdentitiesOnly yes', 'StrictHostKeyChecking accept-new', `UserKnownHostsFile ${key}.known`, 'ServerAliveInterval 60']);
    await transport.connect();
    return {
      transport,
      freeze: () => relay.freeze(),
      stop: async () => {
        relay.close();
        await sshd.stop();
      },
    };
  }
  const script = { argv: ['sh', '-c', '[ -e "/sys/class/net/$1" ]', 'sh', 'lo'], privilege: 'user' } as const;

  it('is said not to answer, and no limit of its sessions is blamed; the message names the shell, not its script', async () => {
    const { transport, freeze, stop } = await silent();
    try {
      freeze();
      const [one, ...more] = await Promise.all(Array.from({ length: 11 }, () => failure(transport.run(script, { limitMs: 1500 }))));
      // The last ones wait for a session that none of the others gives back.
      for (const error of [one, ...more]) expectSentence(error as TransportError, 'unreachable', /^"sh" on x could not be started within 1\.5 s: x has not answered for \d+ s\. Check /);
    } finally {
      await stop();
    }
  });

  it('is said not to answer where a command runs there: nothing is known of its end', async () => {
    const { transport, freeze, stop } = await silent();
    const seconds = uniqueSeconds();
    try {
      const running = failure(transport.run({ argv: ['sleep', seconds], privilege: 'user' }, { limitMs: 3000 }));
      // The host is this machine.
      await expect.poll(() => execute('pgrep', ['-f', `^sleep ${seconds}`]).then(() => true, () => false), { timeout: 2500 }).toBe(true);
      freeze();
      expectSentence(await running, 'unreachable', /^"sleep .*" on x did not finish within 3 s: x has not answered for \d+ s\. Check /);
    } finally {
      await execute('pkill', ['-f', `^sleep ${seconds}`]).catch(() => undefined);
      await stop();
    }
  });

  it('is not said so while it answers: its sessions are all in use', async () => {
    const { transport, stop } = await silent();
    try {
      const busy = Array.from({ length: 9 }, () => transport.run({ argv: ['sleep', '4'], privilege: 'user' }, { limitMs }));
      expectSentence(await failure(transport.run(script, { limitMs: 1500 })), 'time-limit', /^"sh" on x could not be started within 1\.5 s: all sessions that x allows .* are in use \(9; MaxSessions/);
      await Promise.all(busy);
    } finally {
      await stop();
    }
  });
});

describe('a host that allows few sessions', () => {
  it('gets commands one after another, and says so when terminals hold them all', async () => {
    const key = join(folder.path, 'few-key');
    const sshd = await startSshd(folder.path, [await makeKey(key)], ['MaxSessions 2']);
    try {
      const transport = await open(['HostName 127.0.0.1', 'User root', `Port ${String(sshd.port)}`, `IdentityFile ${key}`, 'IdentitiesOnly yes', 'StrictHostKeyChecking accept-new', `UserKnownHostsFile ${key}.known`]);
      const results = await Promise.all(Array.from({ length: 7 }, (_, index) => transport.run({ argv: ['sh', '-c', `sleep 0.1; echo ${String(index)}`], privilege: 'user' }, { limitMs })));
      expect(results.map(({ stdout }) => stdout.trim())).toEqual(['0', '1', '2', '3', '4', '5', '6']);
      for (let count = 0; count < 2; count++) await transport.openTerminal({ argv: ['sh'], privilege: 'user' }, { columns: 80, rows: 24 });
      expectSentence(await failure(transport.run({ argv: ['true'], privilege: 'user' }, { limitMs: 1500 })), 'time-limit', /all sessions that x allows .* are in use .*MaxSessions.*Close a terminal/);
    } finally {
      await sshd.stop();
    }
  });
});

/** Ends the server's process for this connection, as a crash or a reboot would. */
async function loseConnection(transport: Transport): Promise<void> {
  const lost = new Promise((resolve) => transport.onDidClose(resolve));
  const script = 'p=$$; while read -r name <"/proc/$p/comm" && [ "$name" != sshd ]; do p=$(sed -n "s/^PPid:[[:space:]]*//p" "/proc/$p/status"); done; kill -9 "$p"';
  const { privilege } = transport;
  await transport.run({ argv: ['sh', '-c', script], privilege: privilege === 'user' ? 'user' : 'root' }, { limitMs }).catch(() => undefined);
  await lost;
}

async function listen(serve: (socket: Socket) => void): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Passes a connection on, until `freeze` leaves both ends open and silent. */
async function startRelay(target: number): Promise<{ port: number; freeze(): void; close(): void }> {
  const { connect } = await import('node:net');
  const pairs: [Socket, Socket][] = [];
  const relay = await listen((near) => {
    const far = connect(target, '127.0.0.1');
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    near.pipe(far);
    far.pipe(near);
    pairs.push([near, far]);
  });
  return {
    port: relay.port,
    freeze: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.resume();
        far.resume();
      }
    },
    close: () => relay.close(),
  };
}

function keyOf(publicKey: string): string {
  return publicKey.split(' ').slice(0, 2).join(' ');
}

async function fingerprintOf(publicKey: string): Promise<string> {
  const file = join(folder.path, 'fingerprint.pub');
  await writeFile(file, `${publicKey}\n`);
  return /SHA256:\S+/.exec((await execute('ssh-keygen', ['-l', '-f', file])).stdout)?.[0] ?? '';
}
