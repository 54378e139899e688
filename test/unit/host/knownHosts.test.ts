import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHostKey, fingerprint, formatKnownHost, keyTypeOf, knownHostName, knownKeyTypes, parseKnownHosts } from '../../../src/host/ssh/knownHosts';

const blob = (type: string, body: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(body)]);
};
const a = blob('ssh-ed25519', 'key a');
const b = blob('ssh-ed25519', 'key b');
const rsa = blob('ssh-rsa', 'key r');
const line = (hosts: string, key: Buffer, marker = '') => `${marker}${hosts} ${keyTypeOf(key) ?? ''} ${key.toString('base64')} a comment`;
const check = (text: string, key: Buffer, host = 'example.org', port = 22, alias?: string) =>
  checkHostKey(key, knownHostName(host, port, alias), alias === undefined && port !== 22 ? host : undefined, parseKnownHosts(text, 'known_hosts'));

describe('known hosts', () => {
  it('knows an equal key, tells a different one by its line, and a new one as unknown', () => {
    const text = `# comment\n\n${line('other,example.org', a)}\n`;
    expect(check(text, a)).toEqual({ kind: 'known' });
    expect(check(text, b)).toMatchObject({ kind: 'changed', entry: { file: 'known_hosts', line: 3 } });
    expect(check(text, a, 'elsewhere')).toEqual({ kind: 'unknown', authority: undefined });
    expect(check('', a)).toEqual({ kind: 'unknown', authority: undefined });
  });

  it('takes a key of another type for a change, and names the line of the same type where there is one', () => {
    expect(check(line('example.org', rsa), a)).toMatchObject({ kind: 'changed', entry: { line: 1 } });
    expect(check(`${line('example.org', rsa)}\n${line('example.org', b)}`, a)).toMatchObject({ kind: 'changed', entry: { line: 2 } });
    expect(check(`${line('example.org', rsa)}\n${line('example.org', a)}`, a)).toEqual({ kind: 'known' });
  });

  it('compares names without regard to case, and an alias instead of the name', () => {
    expect(check(line('Example.ORG', a), a, 'EXAMPLE.org')).toEqual({ kind: 'known' });
    expect(check(line('the-alias', a), a, 'example.org', 2222, 'The-Alias')).toEqual({ kind: 'known' });
    expect(check(line('[example.org]:2222', a), a, 'example.org', 2222, 'the-alias').kind).toBe('unknown');
  });

  it('keeps ports apart, but lets an equal key of the plain name count', () => {
    expect(check(line('[example.org]:2222', a), a, 'example.org', 2222)).toEqual({ kind: 'known' });
    expect(check(line('[example.org]:2222', a), a).kind).toBe('unknown');
    expect(check(line('example.org', a), a, 'example.org', 2222)).toEqual({ kind: 'known' });
    expect(check(line('example.org', b), a, 'example.org', 2222).kind).toBe('unknown');
    expect(check(line('[2001:db8::1]:2222', a), a, '2001:DB8::1', 2222)).toEqual({ kind: 'known' });
  });

  it('understands wildcards and negation', () => {
    const text = line('*.example.org,!bad.example.org,10.0.0.?', a);
    expect(check(text, a, 'good.example.org')).toEqual({ kind: 'known' });
    expect(check(text, a, 'bad.example.org').kind).toBe('unknown');
    expect(check(text, a, 'example.org').kind).toBe('unknown');
    expect(check(text, a, '10.0.0.7')).toEqual({ kind: 'known' });
    expect(check(text, a, '10.0.0.77').kind).toBe('unknown');
    expect(check(line('!example.org', a), a).kind).toBe('unknown');
    expect(check(line('e.ample.org', a), a).kind).toBe('unknown');
  });

  it('is not stalled by a pattern made for it', () => {
    const started = Date.now();
    expect(check(line('*a'.repeat(2000), a), a, 'b'.repeat(5000)).kind).toBe('unknown');
    expect(Date.now() - started).toBeLessThan(1000);
  });

  it('refuses a revoked key wherever it stands', () => {
    expect(check(`${line('example.org', a)}\n${line('*', a, '@revoked ')}`, a)).toMatchObject({ kind: 'revoked', entry: { line: 2 } });
    expect(check(line('other', a, '@revoked '), a).kind).toBe('unknown');
    expect(check(line('*', b, '@revoked '), a).kind).toBe('unknown');
  });

  it('does not take a certificate authority for the host\'s own key', () => {
    expect(check(line('*.example.org,example.org', a, '@cert-authority '), a)).toMatchObject({ kind: 'unknown', authority: { line: 1 } });
    expect(check(`${line('example.org', b, '@cert-authority ')}\n${line('example.org', a)}`, a)).toEqual({ kind: 'known' });
  });

  it('passes over what is no entry', () => {
    const text = ['nonsense', 'example.org', 'example.org ssh-ed25519', 'example.org ssh-ed25519 !!!', `example.org ssh-rsa ${a.toString('base64')}`, `@unheard-of example.org ssh-ed25519 ${a.toString('base64')}`, '|1|x example.org'].join('\r\n');
    expect(parseKnownHosts(text, 'f')).toEqual([]);
  });

  it('names the types to ask a host for', () => {
    const entries = parseKnownHosts([line('example.org', rsa), line('example.org', a), line('example.org', b, '@cert-authority '), line('[example.org]:2222', b)].join('\n'), 'f');
    expect(knownKeyTypes('example.org', undefined, entries)).toEqual(['ssh-rsa', 'ssh-ed25519']);
    expect(knownKeyTypes('[example.org]:2222', 'example.org', entries)).toEqual(['ssh-ed25519']);
    expect(knownKeyTypes('[example.org]:2200', 'example.org', entries)).toEqual(['ssh-rsa', 'ssh-ed25519']);
  });

  it('writes entries that it reads again, hashed ones too', () => {
    for (const hash of [false, true]) {
      const text = formatKnownHost('[example.org]:2222', a, hash);
      expect(text.includes('example')).toBe(!hash);
      expect(check(text, a, 'example.org', 2222)).toEqual({ kind: 'known' });
      expect(check(text, b, 'example.org', 2222).kind).toBe('changed');
      expect(check(text, a, 'example.com', 2222).kind).toBe('unknown');
    }
  });
});

describe('beside OpenSSH', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'netns-explorer-known-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('reads what ssh-keygen hashed, and ssh-keygen finds what we hashed', () => {
    const publicKey = readFileSync(join(folder, 'key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    const key = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
    const file = join(folder, 'known_hosts');
    writeFileSync(file, `[example.org]:2222,10.0.0.1 ${publicKey}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('example');
    expect(check(text, key, 'example.org', 2222)).toEqual({ kind: 'known' });
    expect(check(text, key, '10.0.0.1')).toEqual({ kind: 'known' });
    writeFileSync(file, `${formatKnownHost('host.example', key, true)}\n`);
    expect(execFileSync('ssh-keygen', ['-F', 'host.example', '-f', file], { encoding: 'utf8' })).toContain('found: line 1');
    expect(execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'key.pub')], { encoding: 'utf8' })).toContain(fingerprint(key));
  });
});
