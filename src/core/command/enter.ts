import type { Command } from './command';
import { enterScript, insideScript, ipNetnsScript, shellScript } from './enterScript';
import type { EnterTarget } from './enterTarget';

export interface EnterOptions {
  /** Run this in the namespace, without a word, instead of a shell. */
  readonly run?: readonly [string, ...string[]];
  /** Text for `sh` that runs before the shell is given to the user; made by this program, never from a host's names. */
  readonly first?: string;
}

/**
 * Enters a network namespace with the host's tools: `/sys` shows that namespace, and for a container `resolv.conf` and `hosts` are its own, both in a
 * mount namespace that nobody else sees. Exits with the shell's or command's status; with 1 and a sentence on standard error where
 * the namespace is gone or may not be entered. What is not permitted beyond entering is said, and the rest done.
 */
export function enterCommand(target: EnterTarget, options: EnterOptions = {}): Command {
  return {
    argv: [
      'sh', '-c', enterScript, 'netns-explorer',
      insideScript,
      wholeNumber(target.inode),
      target.label,
      target.rootPids.map(wholeNumber).join(' '),
      options.run === undefined ? 'shell' : 'run',
      options.first ?? '',
      ...counted(candidates(target)),
      ...(options.run ?? []),
    ],
    privilege: 'root',
  };
}

/**
 * Enters as `ip netns exec` does, by a symlink under /var/run/netns that is there as long as the shell is. Each step is printed.
 * Needs an `ip` with `netns` (iproute2; busybox has none).
 */
export function enterWithIpNetns(target: EnterTarget): Command {
  return {
    argv: ['sh', '-c', ipNetnsScript, 'netns-explorer', shellScript, wholeNumber(target.inode), target.label, ...counted(candidates(target))],
    privilege: 'root',
  };
}

/** Names outlive processes, so they come first. */
function candidates(target: EnterTarget): string[] {
  return [...target.paths, ...target.pids.map((pid) => `/proc/${wholeNumber(pid)}/ns/net`)];
}

function counted(values: readonly string[]): string[] {
  return [String(values.length), ...values];
}

/** Digits alone: the scripts split and compare these. @throws RangeError */
function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no pid and no inode.`);
  return String(value);
}
