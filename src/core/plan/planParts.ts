import type { HostId } from '../model/address';
import { PlanRefused, type Argv, type PlanStep, type TrafficCheck } from './plan';

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

/**
 * The rules with a plan's comment, in whatever table, chain and order they are now: nothing that a plan does first, but a step whose undo deletes them. `iptables-save`'s own lines go
 * back into `iptables-restore`, so that none of them passes a shell.
 */
export function rulesStep(hostId: string, mark: string): PlanStep {
  const find = 'command -v iptables-save >/dev/null || exit 1; iptables-save | grep -qF -- "--comment \\"$1\\""';
  const remove = [
    'for t in filter nat mangle raw; do',
    '  r=$(iptables-save -t "$t" | grep -F -- "--comment \\"$1\\"" | sed "s/^-A /-D /") || continue',
    '  [ -z "$r" ] || printf "*%s\\n%s\\nCOMMIT\\n" "$t" "$r" | iptables-restore -w --noflush || exit 1',
    'done',
  ].join('\n');
  return { hostId, what: 'the rules with its comment', argv: ['true'], undo: script(remove, mark), done: script(find, mark) };
}

/** A frame that a bridge sends to every node on the link (RFC 4291, section 2.7.1) must be received by a device of the other host: one that is up has a link-local address to send from. */
export function frameCheck(direction: string, hostId: HostId, bridge: string, otherId: HostId, device: string): TrafficCheck {
  return { hostId, direction, from: bridge, to: 'ff02::1', arrivesAt: { hostId: otherId, device } };
}
