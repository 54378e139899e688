import { poly1305 } from '@noble/ciphers/_poly1305.js';

/** What ssh2 uses of its own module (lib/protocol/crypto.js): an authenticator whose result is read from a memory. */
interface PolyModule {
  _malloc(size: number): number;
  readonly HEAPU8: Uint8Array;
  cwrap(): (result: number, first: Uint8Array, firstBytes: number, second: Uint8Array, secondBytes: number, key: Uint8Array) => void;
}

/**
 * Poly1305 (RFC 8439, section 2.5) for chacha20-poly1305@openssh.com, in place of ssh2's WebAssembly: that takes 16 MiB as soon as it is
 * loaded, for a cipher that a connection seldom uses. scripts/build.mjs puts this in its place.
 */
export function openPoly1305(): Promise<PolyModule> {
  const memory = new Uint8Array(16);
  return Promise.resolve({
    _malloc: () => 0,
    HEAPU8: memory,
    cwrap: () => (_result, first, firstBytes, second, secondBytes, key) => {
      memory.set(poly1305.create(key).update(first.subarray(0, firstBytes)).update(second.subarray(0, secondBytes)).digest());
    },
  });
}
