import { PlanRefused, type Argv } from './plan';

/** What several builders of plans need. */

/** A script for `sh` with its values as positional parameters: nothing of them is read as shell. */
export function script(text: string, ...values: readonly string[]): Argv {
  return ['sh', '-c', text, 'sh', ...values];
}

/** FNV-1a, 32 bits, as 8 hexadecimal digits: tells plans apart, and hides nothing. */
export function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value.toString(16).padStart(8, '0');
}

/**
 * Up to 15 bytes (IFNAMSIZ, linux/if.h), no slash, space or colon (dev_valid_name), and nothing that a tool takes for an option.
 * @throws PlanRefused for what is none
 */
export function requireDeviceName(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) || name.length > 15) throw new PlanRefused(`"${name}" is no name for a device: up to 15 letters, digits, ".", "_" and "-".`);
  return name;
}

/** @throws PlanRefused for what is no whole number from `least` to `most` */
export function numberIn(what: string, value: number | undefined, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || value < least || value > most) throw new PlanRefused(`The ${what} must be a whole number from ${String(least)} to ${String(most)}.`);
  return value;
}
