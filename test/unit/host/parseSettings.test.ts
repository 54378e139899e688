import { describe, expect, it } from 'vitest';
import { chooseAlgorithms } from '../../../src/host/ssh/algorithms';
import { parseSshSettings, type LocalFacts, type SshSettings } from '../../../src/host/ssh/parseSettings';

const local: LocalFacts = { home: '/home/me', user: 'me', hostname: 'desk.example.org', environment: { SSH_AUTH_SOCK: '/run/agent', KEYS: '/keys' }, windows: false };
const parse = (lines: readonly string[], host = 'alias', facts = local): SshSettings => parseSshSettings(lines.join('\n'), { kind: 'ssh', host }, facts);

describe('what ssh -G prints', () => {
  it('gives the connection, in OpenSSH 9.2\'s own words', () => {
    const settings = parse(['host alias', 'user root', 'hostname 192.0.2.1', 'port 2222', 'addressfamily inet6', 'connecttimeout 7', 'serveraliveinterval 30', 'serveralivecountmax 2', 'batchmode yes', 'numberofpasswordprompts 1', 'bindaddress 192.0.2.9']);
    expect(settings).toMatchObject({
      alias: 'alias',
      hostName: '192.0.2.1',
      user: 'root',
      port: 2222,
      addressFamily: 6,
      connectTimeoutMs: 7000,
      keepaliveIntervalMs: 30_000,
      keepaliveCountMax: 2,
      batchMode: true,
      passwordPrompts: 1,
      bindAddress: '192.0.2.9',
    });
  });

  it('leaves defaults where it says nothing or none', () => {
    expect(parse(['connecttimeout none', 'proxyjump none', 'proxycommand none', 'hostkeyalias none'])).toMatchObject({
      hostName: 'alias',
      user: 'me',
      port: 22,
      connectTimeoutMs: 20_000,
      keepaliveIntervalMs: 15_000,
      proxyJump: [],
      proxyCommand: undefined,
      hostKeyAlias: undefined,
      strictHostKeyChecking: 'ask',
      identityAgent: '/run/agent',
      authentications: ['publickey', 'keyboard-interactive', 'password'],
      userKnownHostsFiles: ['/home/me/.ssh/known_hosts', '/home/me/.ssh/known_hosts2'],
      globalKnownHostsFiles: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    });
    expect(parse([]).identityFiles).toEqual(['/home/me/.ssh/id_rsa', '/home/me/.ssh/id_ecdsa', '/home/me/.ssh/id_ed25519']);
  });

  it('replaces "~", tokens and variables in paths, and keeps blanks in them', () => {
    const settings = parse(['hostname far', 'user root', 'port 2200', 'identityfile ~/.ssh/%h_%r_%p', 'identityfile /a b/%%/%u@%L', 'identityfile ${KEYS}/id', 'identityfile ${UNSET}/id', 'certificatefile %d/cert', 'identityagent /x y/agent']);
    expect(settings.identityFiles).toEqual(['/home/me/.ssh/far_root_2200', '/a b/%/me@desk', '/keys/id', '${UNSET}/id']);
    expect(settings.certificateFiles).toEqual(['/home/me/cert']);
    expect(settings.identityAgent).toBe('/x y/agent');
  });

  it('tells lists of paths apart, blanks in them and all', () => {
    expect(parse(['userknownhostsfile /tmp/a b/known ~/.ssh/x C:\\Users\\First Last/.ssh/known_hosts']).userKnownHostsFiles).toEqual(['/tmp/a b/known', '/home/me/.ssh/x', 'C:\\Users\\First Last/.ssh/known_hosts']);
    expect(parse(['globalknownhostsfile none']).globalKnownHostsFiles).toEqual([]);
  });

  it('reads jumps with users, ports and IPv6', () => {
    expect(parse(['proxyjump a@h1:2200,[::1]:33,ssh://u@last:22']).proxyJump).toEqual([
      { kind: 'ssh', host: 'h1', user: 'a', port: 2200 },
      { kind: 'ssh', host: '::1', port: 33 },
      { kind: 'ssh', host: 'last', user: 'u', port: 22 },
    ]);
    expect(() => parse(['proxyjump -oProxyCommand=x'])).toThrow();
  });

  it.each([
    ['yes', 'yes'],
    ['true', 'yes'],
    ['accept-new', 'accept-new'],
    ['no', 'no'],
    ['false', 'no'],
    ['off', 'no'],
    ['ask', 'ask'],
    ['nonsense', 'ask'],
  ])('StrictHostKeyChecking %s is %s', (value, strict) => {
    expect(parse([`stricthostkeychecking ${value}`]).strictHostKeyChecking).toBe(strict);
  });

  it('finds the agent, or none', () => {
    expect(parse(['identityagent none']).identityAgent).toBeUndefined();
    expect(parse(['identityagent SSH_AUTH_SOCK']).identityAgent).toBe('/run/agent');
    expect(parse(['identityagent $KEYS']).identityAgent).toBe('/keys');
    const windows = { ...local, environment: {}, windows: true };
    expect(parse([], 'alias', windows).identityAgent).toBe('\\\\.\\pipe\\openssh-ssh-agent');
  });

  it('offers no method that the configuration forbids', () => {
    expect(parse(['passwordauthentication no', 'pubkeyauthentication false']).authentications).toEqual(['keyboard-interactive']);
    expect(parse(['preferredauthentications password,publickey']).authentications).toEqual(['password', 'publickey']);
  });
});

describe('algorithms', () => {
  const settings = parse(['hostkeyalgorithms ssh-ed25519-cert-v01@openssh.com,ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256', 'kexalgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256', 'ciphers chacha20-poly1305@openssh.com,aes128-gcm@openssh.com', 'macs umac-64@openssh.com,hmac-sha2-256']);

  it('are those that the configuration and the client both have', () => {
    expect(chooseAlgorithms(settings, [])).toEqual({
      kex: ['curve25519-sha256'],
      serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'],
      cipher: ['aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com'],
      hmac: ['hmac-sha2-256'],
    });
  });

  it('begin with the types that are known for the host', () => {
    expect(chooseAlgorithms(settings, ['ssh-rsa'])).toMatchObject({ serverHostKey: ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519', 'ecdsa-sha2-nistp256'] });
  });

  it('leave out what is outdated unless it is asked for', () => {
    expect(chooseAlgorithms(parse([]), [])).toMatchObject({ serverHostKey: expect.not.arrayContaining(['ssh-rsa']) as unknown, cipher: expect.not.arrayContaining(['aes128-cbc']) as unknown });
    expect(chooseAlgorithms(parse(['ciphers aes128-cbc']), [])).toMatchObject({ cipher: ['aes128-cbc'] });
  });

  it('are told where there are none in common', () => {
    expect(chooseAlgorithms(parse(['kexalgorithms sntrup761x25519-sha512']), [])).toEqual({ setting: 'KexAlgorithms', allowed: ['sntrup761x25519-sha512'] });
  });
});
