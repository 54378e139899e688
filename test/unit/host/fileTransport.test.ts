import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTransport } from '../../../src/host/openTransport';
import type { Questions, Transport } from '../../../src/host/transport';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netns-explorer-file-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const questions: Questions = {
  unknownHostKey: () => Promise.reject(new Error('asked')),
  secret: () => Promise.reject(new Error('asked')),
};
const snapshot = {
  version: 1,
  hostId: 'ssh://far',
  takenAt: '2026-01-02T03:04:05.000Z',
  durationMs: 1,
  host: { hostname: 'far', kernel: 'Linux', cpus: 1, uid: 0, privilege: 'root', ip: 'json', tools: [] },
  namespaces: [],
  errors: [],
};
const open = (name: string, text?: string): Transport => {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return openTransport({ kind: 'file', path }, { questions });
};

describe('a recorded host', () => {
  it('gives what was recorded, under the id of the file', async () => {
    const transport = open('good.json', JSON.stringify(snapshot));
    await transport.connect();
    expect(transport).toMatchObject({ id: `file:${join(folder, 'good.json')}`, live: false, privilege: 'user' });
    expect(await transport.recorded()).toEqual({ ...snapshot, hostId: transport.id });
    transport.dispose();
  });

  it('is read whatever its line ends and byte order mark', async () => {
    expect(await open('windows.json', `\u{feff}${JSON.stringify(snapshot, null, 2).replaceAll('\n', '\r\n')}`).recorded()).toMatchObject({ version: 1 });
  });

  it('is read again after it could not be', async () => {
    const transport = open('late.json');
    await expect(transport.connect()).rejects.toMatchObject({ name: 'TransportError', code: 'vanished' });
    writeFileSync(join(folder, 'late.json'), JSON.stringify(snapshot));
    await transport.connect();
  });

  it('runs nothing, and says so', async () => {
    const transport = open('good.json', JSON.stringify(snapshot));
    const command = { argv: ['id'], privilege: 'user' } as const;
    for (const attempt of [
      () => transport.run(command, { limitMs: 1000 }),
      () => transport.openStream({ kind: 'command', command }),
      () => transport.openStream({ kind: 'unixSocket', path: '/var/run/docker.sock' }),
      () => transport.openTerminal(command, { columns: 80, rows: 24 }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ name: 'TransportError', code: 'recorded', message: expect.stringMatching(/^good\.json is a recorded host: .* needs the host itself\.$/) as unknown });
    }
  });

  it.each([
    ['empty.json', '', 'garbled'],
    ['no.json', 'hello', 'garbled'],
    ['cut.json', JSON.stringify(snapshot).slice(0, -20), 'garbled'],
    ['list.json', '[]', 'garbled'],
    ['newer.json', JSON.stringify({ ...snapshot, version: 9 }), 'garbled'],
    ['types.json', JSON.stringify({ ...snapshot, namespaces: [{ key: 'x' }] }), 'garbled'],
    ['proto.json', JSON.stringify(snapshot).replace('{', '{"__proto__":{"polluted":true},'), 'garbled'],
    ['deep.json', JSON.stringify(snapshot).replace('"errors":[]', `"errors":[],"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}`), 'garbled'],
  ])('that is hostile or broken is refused with one sentence (%s)', async (name, text, code) => {
    const error = await open(name, text).recorded().then(
      () => undefined,
      (reason: unknown) => reason as Error & { code: string },
    );
    expect(error).toMatchObject({ name: 'TransportError', code });
    expect(error?.message).toMatch(/^[^\n]{10,300}\.$/);
    expect(error?.message).toContain(name);
    expect({}).not.toHaveProperty('polluted');
  });

  it('that is huge is refused before it is read', async () => {
    const transport = open('huge.json', '');
    truncateSync(join(folder, 'huge.json'), 2 * 1024 ** 3);
    await expect(transport.connect()).rejects.toMatchObject({ code: 'truncated', message: expect.stringMatching(/too large/) as unknown });
  });

  it.skipIf(process.platform === 'win32')('that is a pipe or a device is refused before it is read (neither is there on Windows)', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.json')]);
    symlinkSync('/dev/zero', join(folder, 'zero.json'));
    for (const name of ['pipe.json', 'zero.json']) await expect(open(name).connect()).rejects.toMatchObject({ code: 'garbled', message: `${name} is no file and so no recorded host.` });
  });

  it('that is a folder, a loop or no file at all is refused', async () => {
    symlinkSync('loop.json', join(folder, 'loop.json'));
    for (const name of ['.', 'loop.json', 'gone\u001b[31m\n.json']) {
      await expect(open(name).connect()).rejects.toMatchObject({ name: 'TransportError', message: expect.not.stringMatching(/\p{Cc}/u) as unknown });
    }
  });
});
