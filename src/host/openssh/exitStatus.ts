import type { Command } from '../../core/command/command';

/*
 * ssh's own exit status is 255 for a failure of its own, for a command that a signal ended, and for one that ended with 255 (ip(8) does).
 * So the command tells of a 255 itself, and passes the signal on. The shell's own words about a signal are nobody's output.
 */
const script = [
  'exec 3>&2 2>/dev/null',
  // In a subshell: dash redirects a simple command in its own process, and would say there that it was killed.
  '(exec 2>&3 3>&-; exec "$@")',
  'status=$?',
  'if [ "$status" -eq 255 ]; then echo "$0-exit" >&3; elif [ "$status" -gt 128 ] && [ "$status" -le 192 ]; then kill -KILL $$; fi',
  'exit "$status"',
].join('; ');

/** The same command, whose end with status 255 can be told from ssh's. */
export function reportingStatus(command: Command, mark: string): Command {
  return { ...command, argv: ['sh', '-c', script, mark, ...command.argv] };
}

export function reportedStatus255(stderr: string, mark: string): boolean {
  return stderr.includes(`${mark}-exit\n`);
}

export function withoutStatus(stderr: string, mark: string): string {
  return stderr.replace(`${mark}-exit\n`, '');
}
