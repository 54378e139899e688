import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { checkArgv, forwardArgv, masterArgv, sessionArgv, type OpensshTarget } from '../../../src/host/openssh/argv';
import { openAskpass, type Askpass, type AskedPrompt } from '../../../src/host/openssh/askpass';
import { reportedStatus255, reportingStatus, withoutStatus } from '../../../src/host/openssh/exitStatus';
import { explainFailure } from '../../../src/host/openssh/explain';
import { LoginDialogue } from '../../../src/host/openssh/loginDialogue';
import { parsePrompt } from '../../../src/host/openssh/prompt';
import { needsOpenssh, settingsReason } from '../../../src/host/ssh/chooseClient';
import { parseSshSettings } from '../../../src/host/ssh/parseSettings';
import type { Questions, TransportError } from '../../../src/host/transport';

const execute = promisify(execFile);
const settingsOf = (...lines: string[]) => parseSshSettings(lines.join('\n'), { kind: 'ssh', host: 'h' }, { home: '/home/me', user: 'me', hostname: 'desk', environment: {}, windows: false });
const target: OpensshTarget = { client: 'ssh', address: { kind: 'ssh', host: 'h', user: 'u', port: 2222 }, configFile: '/c f', knownHostsFiles: ['/k "1"', '/k2'] };

const folders: string[] = [];
const askpasses: Askpass[] = [];
afterEach(async () => {
  for (const askpass of askpasses.splice(0)) askpass.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'netns-unit-'));
  folders.push(path);
  return path;
}

describe("the system's ssh is chosen", () => {
  it('for what its settings say alone', () => {
    expect(settingsReason(settingsOf('proxycommand nc %h %p'))).toMatch(/has a ProxyCommand/);
    expect(settingsReason(settingsOf('revokedhostkeys /etc/revoked'))).toMatch(/sets RevokedHostKeys/);
    expect(settingsReason(settingsOf('hostbasedauthentication yes'))).toMatch(/HostbasedAuthentication/);
    expect(settingsReason(settingsOf('kexalgorithms sntrup761x25519-sha512@openssh.com'))).toMatch(/none of the KexAlgorithms/);
  });

  it('for nothing that the built-in client can do', () => {
    expect(settingsReason(settingsOf('hostname x'))).toBeUndefined();
    expect(settingsReason(settingsOf('proxycommand none', 'proxyjump a,b', 'verifyhostkeydns false', 'hostbasedauthentication no', 'gssapiauthentication yes', 'revokedhostkeys none'))).toBeUndefined();
  });

  it('for a certificate beside a key, a FIDO key, and either on the way over another host', async () => {
    const path = await folder();
    const config = join(path, 'config');
    await writeFile(join(path, 'k-cert.pub'), '');
    // The public half of an "sk-ssh-ed25519@openssh.com" key in OpenSSH's file format; its private half is of no interest here.
    const field = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);
    const blob = field('sk-ssh-ed25519@openssh.com');
    const key = Buffer.concat([Buffer.from('openssh-key-v1\0'), field('none'), field('none'), field(''), Buffer.from([0, 0, 0, 1]), Buffer.from([0, 0, 0, blob.length]), blob]);
    await writeFile(join(path, 'sk'), `-----BEGIN OPENSSH PRIVATE KEY-----\n${key.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`, { mode: 0o600 });
    await writeFile(config, `Host certified\n  IdentityFile ${path}/k\nHost touched\n  IdentityFile ${path}/sk\nHost beyond\n  IdentityFile ${path}/none\n  ProxyJump touched\nHost plain\n  IdentityFile ${path}/none\n`);
    const reason = (host: string) => needsOpenssh({ kind: 'ssh', host }, { sshConfigFile: config });
    expect(await reason('certified')).toMatch(/k-cert\.pub is a certificate/);
    expect(await reason('touched')).toMatch(/sk is a FIDO key/);
    expect(await reason('beyond')).toMatch(/^on the way over touched, .*FIDO key/);
    expect(await reason('plain')).toBeUndefined();
  });
});

describe('its command lines', () => {
  it('never lower the strictness about host keys, and end options before the host', () => {
    const argv = masterArgv(target, settingsOf('stricthostkeychecking no'), '/r/c', 'line');
    expect(argv).toEqual(expect.arrayContaining(['-F', '/c f', '-l', 'u', '-p', '2222', 'StrictHostKeyChecking=accept-new', 'UserKnownHostsFile="/k \\"1\\"" "/k2"', 'ClearAllForwardings=yes', 'PermitLocalCommand=no']));
    expect(argv.slice(-3)).toEqual(['--', 'h', 'line']);
    expect(masterArgv(target, settingsOf('stricthostkeychecking ask'), '/r/c', 'line').join(' ')).not.toContain('StrictHostKeyChecking');
  });

  it('name the one key that an imported host has', () => {
    const argv = masterArgv({ ...target, identityFile: '/k %h' }, settingsOf(), '/r/c', 'line');
    expect(argv.slice(argv.indexOf('-i'), argv.indexOf('-i') + 4)).toEqual(['-i', '/k %%h', '-o', 'IdentitiesOnly=yes']);
  });

  it('share the connection and cannot make another', () => {
    const way = { kind: 'shared', target, controlPath: '/r/c' } as const;
    for (const argv of [sessionArgv(way, 'line', 'command'), sessionArgv(way, 'line', 'terminal')]) {
      expect(argv).toEqual(expect.arrayContaining(['-F', 'none', '-S', '/r/c', 'ControlMaster=no', 'ProxyCommand=false']));
    }
    expect(sessionArgv(way, 'line', 'terminal')).toContain('-tt');
    expect(forwardArgv(target, '/r/c', '/r/s:0', '/run/a:b')).toContain('/r/s\\:0:/run/a\\:b');
    expect(checkArgv(target, '/r/c')).toContain('check');
  });

  it('ask nothing where connections cannot be shared, but for a terminal', () => {
    const way = { kind: 'single', target, settings: settingsOf() } as const;
    expect(sessionArgv(way, 'line', 'command')).toContain('BatchMode=yes');
    expect(sessionArgv(way, 'line', 'terminal')).not.toContain('BatchMode=yes');
  });
});

describe('what it asks', () => {
  const authenticity = "The authenticity of host '[192.0.2.1]:2222 ([192.0.2.1]:2222)' can't be established.\nED25519 key fingerprint is SHA256:abc+/0.\nThis host key is known by the following other names/addresses:\n    ~/.ssh/known_hosts:1: a\n    ~/.ssh/known_hosts:2: b\nAre you sure you want to continue connecting (yes/no/[fingerprint])? ";

  it('is told apart, in OpenSSH 9.2\'s own words', () => {
    expect(parsePrompt(authenticity, undefined)).toEqual({ kind: 'hostKey', host: '[192.0.2.1]:2222 ([192.0.2.1]:2222)', keyType: 'ED25519', fingerprint: 'SHA256:abc+/0', note: 'The same key is known for: ~/.ssh/known_hosts:1: a; ~/.ssh/known_hosts:2: b.' });
    expect(parsePrompt("me@h's password: ", undefined)).toEqual({ kind: 'password', text: "me@h's password:" });
    expect(parsePrompt("Enter passphrase for key '/k': ", undefined)).toMatchObject({ kind: 'passphrase' });
    expect(parsePrompt('Enter PIN for ED25519-SK key /k: ', undefined)).toMatchObject({ kind: 'passphrase' });
    expect(parsePrompt('(me@h) One-time\u001b[2J code: ', undefined)).toEqual({ kind: 'keyboard-interactive', text: '(me@h) One-time [2J code:', echo: false });
    expect(parsePrompt("Please type 'yes', 'no' or the fingerprint (yes/no): ", undefined)).toMatchObject({ echo: true });
    expect(parsePrompt('Confirm user presence for key ED25519-SK SHA256:x', 'none')).toMatchObject({ kind: 'notice' });
  });

  it('is answered from memory once, then by a person; a person who declines is asked no more', async () => {
    const asked: string[] = [];
    const declined: TransportError[] = [];
    const answers = ['wrong', 'right'];
    const questions: Questions = {
      unknownHostKey: () => Promise.resolve(false),
      secret: ({ prompt }) => {
        asked.push(prompt);
        return Promise.resolve(answers.shift());
      },
    };
    const remembered = new Map([["me@h's password:", 'old']]);
    const dialogue = new LoginDialogue('me@h', questions, remembered, (error) => declined.push(error));
    const ask = (prompt: string) => dialogue.answer({ prompt, hint: undefined, signal: new AbortController().signal });
    expect([await ask("me@h's password: "), await ask("me@h's password: "), await ask("me@h's password: ")]).toEqual(['old', 'wrong', 'right']);
    expect(asked).toEqual(["That was not right. me@h's password:", "That was not right. me@h's password:"]);
    dialogue.accepted();
    expect(remembered.get("me@h's password:")).toBe('right');
    expect(await ask(authenticity)).toBe('no');
    expect(await ask("me@h's password: ")).toBeUndefined();
    expect(asked).toHaveLength(2);
    expect(declined.map(({ code, message }) => [code, message])).toEqual([['host-key', 'The host key of [192.0.2.1]:2222 ([192.0.2.1]:2222), SHA256:abc+/0 (ED25519), is not known and was not accepted.']]);
  });
});

describe.skipIf(process.platform === 'win32')('the askpass program', () => {
  async function start(answer: (asked: AskedPrompt) => Promise<string | undefined>): Promise<{ askpass: Askpass; path: string }> {
    const path = await folder();
    const askpass = await openAskpass(path, answer);
    askpasses.push(askpass);
    return { askpass, path };
  }
  const run = (askpass: Askpass, prompt: string, more: Record<string, string> = {}) => execute(askpass.environment['SSH_ASKPASS']!, [prompt], { env: { ...process.env, ...askpass.environment, ...more } });

  it('hands a prompt over and prints the answer', async () => {
    const { askpass, path } = await start(({ prompt, hint }) => Promise.resolve(`${String(hint)} ${prompt} $(id) ⇄`));
    expect((await run(askpass, '-e "it\'s"\nline', { SSH_ASKPASS_PROMPT: 'confirm' })).stdout).toBe('confirm -e "it\'s"\nline $(id) ⇄\n');
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it('fails where nothing is answered, and where its word is not the right one', async () => {
    let asked = 0;
    const { askpass } = await start(() => {
      asked++;
      return Promise.resolve(undefined);
    });
    await expect(run(askpass, 'x')).rejects.toMatchObject({ code: 1, stdout: '' });
    await expect(run(askpass, 'x', { NETNS_EXPLORER_ASKPASS_TOKEN: '0'.repeat(48) })).rejects.toMatchObject({ code: 1, stdout: '' });
    expect(asked).toBe(1);
  });

  it('lets go of whoever sends too much or no JSON', async () => {
    const { askpass } = await start(() => Promise.reject(new Error('never')));
    for (const sent of ['x'.repeat(20_000), 'no json\n', 'null\n']) {
      const socket = connect(askpass.environment['NETNS_EXPLORER_ASKPASS_SOCKET']!);
      socket.on('error', () => undefined);
      socket.write(sent);
      await new Promise((resolve) => socket.once('close', resolve));
    }
  });
});

describe.skipIf(process.platform === 'win32')('the exit status of a command', () => {
  const run = (script: string) => {
    const { argv } = reportingStatus({ argv: ['sh', '-c', script], privilege: 'user' }, 'mark');
    const { status, signal, stderr } = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8' });
    return { status, signal, told255: reportedStatus255(stderr, 'mark'), stderr: withoutStatus(stderr, 'mark') };
  };

  it('of 255 is told from one of ssh, and a signal is passed on', () => {
    expect(run('echo e >&2; exit 255')).toEqual({ status: 255, signal: null, told255: true, stderr: 'e\n' });
    expect(run('exit 3')).toEqual({ status: 3, signal: null, told255: false, stderr: '' });
    expect(run('kill -9 $$')).toEqual({ status: null, signal: 'SIGKILL', told255: false, stderr: '' });
  });
});

describe('a failed connection is explained', () => {
  it.each([
    ['ssh: Could not resolve hostname h: Name or service not known\r\n', 'unreachable', /the name is not known/],
    ['ssh: connect to host h port 22: Connection refused\r\n', 'unreachable', /nothing listens there/],
    ['ssh: connect to host h port 22: Connection timed out\r\n', 'unreachable', /^No answer from \S+ at h:22/],
    ['me@h: Permission denied (publickey,password).\r\n', 'authentication', /it takes publickey, password/],
    ['No ED25519 host key is known for h and you have requested strict checking.\r\nHost key verification failed.\r\n', 'host-key', /asks for known keys only/],
    ['@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nOffending ED25519 key in /k h:3\r\nHost key verification failed.\r\n', 'host-key', /has changed.* remove \/k h:3 and/],
    ['Unable to negotiate with h port 22: no matching cipher found. Their offer: x\r\n', 'failed', /no algorithm in common/],
    ['/c: line 1: Bad configuration option: \u001b[31mx\r\n', 'failed', /does not accept its configuration/],
    ['', 'unreachable', /ended without a word/],
  ])('%j', (stderr, code, message) => {
    const error = explainFailure(stderr, 'me@h', settingsOf());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^[^\p{Cc}]+\.$/u);
  });
});
