import type { Command } from '../../core/command/command';

/** How a connection's commands become root's. The password lives here, in memory, and nowhere else. */
export type Elevation =
  | { readonly kind: 'root' }
  | { readonly kind: 'sudo' }
  | { readonly kind: 'sudoPassword'; readonly password: string }
  | { readonly kind: 'user' };

/** What to start, and what its standard input begins with before the command's own. */
export interface Elevated {
  readonly argv: readonly [string, ...string[]];
  readonly preface: string;
  /** The first line of standard error is `<mark> <pid>`: the process that `argv` names at the end, where a wrapper was needed. */
  readonly reportsPid: boolean;
}

// A user's PATH on many distributions leaves out where ip, bridge and nft are.
const systemPath = 'PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin"; export PATH';
const reportPid = 'echo "$0 $$" >&2';
// Whether sudo read the password is its policy's choice (NOPASSWD for one command, say). Everything up to the mark is
// dropped here, so that neither the command nor a script on its standard input can ever see that line.
const dropPassword = 'while :; do IFS= read -r line || exit 125; [ "$line" = "$0" ] && break; done; unset line';

/**
 * The argv that runs `command` with the privilege it asks for.
 * `mark` is a word that nobody else knows; `wrap` asks for the process id on standard error.
 * sudo's `-k` with a command neither uses nor changes the user's cached credentials (sudo(8)).
 */
export function elevate(command: Command, elevation: Elevation, mark: string, wrap: boolean): Elevated {
  const sudo = command.privilege === 'root' && elevation.kind === 'sudo';
  if (command.privilege === 'root' && elevation.kind === 'sudoPassword') {
    const script = [dropPassword, systemPath, reportPid, 'exec "$@"'].join('; ');
    return {
      argv: ['sudo', '-k', '-S', '-p', '', '--', 'sh', '-c', script, mark, ...command.argv],
      preface: `${elevation.password}\n${mark}\n`,
      reportsPid: true,
    };
  }
  if (!sudo && !wrap) return { argv: command.argv, preface: '', reportsPid: false };
  const script = [systemPath, reportPid, 'exec "$@"'].join('; ');
  const wrapped = ['sh', '-c', script, mark, ...command.argv] as const;
  return { argv: sudo ? ['sudo', '-n', '--', ...wrapped] : [...wrapped], preface: '', reportsPid: true };
}

/**
 * Ends the process group of `pid` as whoever owns it: TERM, and KILL if it is still there a second later.
 * Field 5 of /proc/PID/stat is the group; the name in field 2 may hold anything, so everything up to its last ")" goes first.
 * No "--" before the group: dash's kill does not know it.
 */
export function endGroup(pid: number, privilege: Command['privilege']): Command {
  const script = [
    'stat=$(cat "/proc/$1/stat" 2>/dev/null) || exit 0',
    'set -- $1 ${stat##*) }',
    '[ "$4" -gt 1 ] || exit 1',
    'kill -TERM "-$4" 2>/dev/null',
    'tries=0',
    'while [ "$tries" -lt 10 ] && kill -0 "-$4" 2>/dev/null; do sleep 0.1 2>/dev/null || sleep 1; tries=$((tries + 1)); done',
    'kill -KILL "-$4" 2>/dev/null',
    'exit 0',
  ].join('; ');
  return { argv: ['sh', '-c', script, 'sh', String(pid)], privilege };
}
