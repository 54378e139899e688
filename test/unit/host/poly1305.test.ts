import { createRequire } from 'node:module';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openPoly1305 } from '../../../src/host/ssh/poly1305';

const theirs = createRequire(import.meta.url)('ssh2/lib/protocol/crypto/poly1305.js') as () => Promise<{
  _malloc(size: number): number;
  HEAPU8: Uint8Array;
  cwrap(name: string, result: null, types: readonly string[]): (...args: unknown[]) => void;
}>;
const types = ['number', 'array', 'number', 'array', 'number', 'array'];

describe('the authenticator of chacha20-poly1305', () => {
  it('gives the tag of RFC 8439, section 2.5.2', async () => {
    const own = await openPoly1305();
    const key = Buffer.from('85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b', 'hex');
    const text = Buffer.from('Cryptographic Forum Research Group');
    own.cwrap()(own._malloc(16), text.subarray(0, 4), 4, text.subarray(4), text.length - 4, key);
    expect(Buffer.from(own.HEAPU8.buffer, 0, 16).toString('hex')).toBe('a8061dc1305136c6c22b8baf0c0127a9');
  });

  it('gives what ssh2\'s own gives, for packets of every length', async () => {
    const [own, other] = [await openPoly1305(), await theirs()];
    const at = other._malloc(16);
    const [mine, reference] = [own.cwrap(), other.cwrap('poly1305_auth', null, types)];
    for (let length = 0; length < 200; length += 1) {
      const [head, packet, key] = [randomBytes(4), randomBytes(length), randomBytes(32)];
      mine(0, head, 4, packet, length, key);
      reference(at, head, 4, packet, length, key);
      expect(Buffer.from(own.HEAPU8)).toEqual(Buffer.from(other.HEAPU8.buffer, at, 16));
    }
  });
});
