import { readFileSync } from 'node:fs';

/** Real output, captured on the named system. */
export function fixture(system: 'debian-12-iproute2-6.1' | 'debian-12-every-device' | 'busybox-1.35', name: string): string {
  return readFileSync(new URL(`../../fixtures/${system}/${name}`, import.meta.url), 'utf8');
}
