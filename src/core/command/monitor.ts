import type { Command } from './command';
import { enterCommand } from './enter';
import type { EnterTarget } from './enterTarget';

export type MonitorKind = 'link' | 'route' | 'neigh';

export interface MonitorOptions {
  /**
   * Neighbours only: let the kernel ask user space too when it looks for a neighbour (app_solicit, Documentation/networking/ip-sysctl.rst), so that its
   * searches show. Changes a sysctl of every device of the namespace, says so, and puts it back when the monitor ends, is hung up or terminated.
   */
  readonly solicit?: boolean;
}

/** `ip monitor` in a namespace, until Ctrl-C. */
export function monitorCommand(target: EnterTarget, kind: MonitorKind, options: MonitorOptions = {}): Command {
  const solicit = kind === 'neigh' && options.solicit === true ? 'solicit' : '';
  return enterCommand({ ...target, rootPids: [] }, { run: ['sh', '-c', monitorScript, 'netns-explorer', kind, solicit, target.label] });
}

/*
 * The monitor runs in the background, because a trap waits for the end of a command in the foreground, but not for `wait`.
 * A value that is not 0 is left alone: another monitor may have set it, and will put it back.
 */
const monitorScript = `
kind=$1 solicit=$2 label=$3
shift 3
child=
restore() {
  trap - EXIT
  trap '' HUP INT TERM
  if [ -n "$child" ]; then kill "$child" 2>/dev/null; fi
  for file; do
    if [ -e "$file" ]; then echo 0 >"$file"; fi
  done
}
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'status=$?; restore "$@"; exit $status' EXIT
printf '[netns %s]\\n' "$label"
if [ -n "$solicit" ]; then
  for file in /proc/sys/net/ipv4/neigh/*/app_solicit; do
    case $file in */neigh/default/*|*/neigh/lo/*) continue ;; esac
    # Not by read, which takes a byte at a time: a sysctl file answers the first one alone.
    [ "$(cat "$file")" = 0 ] || continue
    set -- "$@" "$file"
    if echo 1 >"$file"; then printf '+ echo 1 > %s   (was 0, and will be again)\\n' "$file" | cat -v; fi
  done
fi
printf '$ ip monitor %s\\n' "$kind"
ip monitor "$kind" &
child=$!
wait "$child"
`;
