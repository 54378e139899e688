import type { ReadError } from '../model/snapshot';
import { printable } from './printable';

/** One printable line per fault, with the host and the place it concerns: `node1, namespace net:[4026532369]: …`. */
export function errorLines(host: string, errors: readonly ReadError[]): string[] {
  return errors.map((error) => `${printable(host)}${placeOf(error)}: ${printable(error.message)}`);
}

function placeOf(error: ReadError): string {
  switch (error.place.kind) {
    case 'host':
      return '';
    case 'engine':
      return ', engine';
    case 'namespace':
      return `, namespace net:[${printable(error.place.key.split(':')[1] ?? error.place.key)}]`;
  }
}
