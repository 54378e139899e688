import type { Argv, DumpCommand, DumpId, PackagedCommand } from './dumps';
import { dumpById } from './dumps';
import { quoteArgv } from './quote';

export interface DumpStep {
  readonly dump: DumpId;
  readonly argv: Argv;
}

/** Every command that may run, in the order in which the script numbers them. */
export function dumpSteps(ids: readonly DumpId[]): DumpStep[] {
  return ids.flatMap((dump) =>
    dumpById(dump).commands.flatMap((command) => attempts(command).map(({ argv }) => ({ dump, argv }))),
  );
}

const functions = `
boundary=\${1-}
# part NUMBER PACKAGE OPTIONAL NEEDS SHOWN ARGV…: 0 where it ran and succeeded, or was left out on purpose.
part() {
  number=$1 package=$2 optional=$3 needs=$4 shown=$5
  shift 5
  if [ -n "$optional" ] && ! command -v "$1" >/dev/null 2>&1; then return 0; fi
  if [ -n "$boundary" ]; then printf '%s begin %s\\n' "$boundary" "$number"; else printf '\\n\\033[1m$ %s\\033[0m\\n' "$shown"; fi
  code=-
  if ! command -v "$1" >/dev/null 2>&1; then
    printf '%s is not installed on this host (Debian and Ubuntu have it in the package %s).\\n' "$1" "$package"
    result=1
  elif ! hasLoaded "$needs" "$1"; then
    printf 'The kernel of this host has not loaded %s, so there is nothing to show. (Asking would load it.)\\n' "\${needs%-flavour}"
    result=0
  else
    "$@" </dev/null 2>&1
    code=$?
    result=$code
  fi
  if [ -n "$boundary" ]; then printf '\\n%s end %s %s\\n' "$boundary" "$number" "$code"; fi
  return "$result"
}
hasLoaded() {
  case $1 in
    nf_tables) symbol=nft_do_chain ;;
    nf_tables-flavour)
      case $("$2" -V 2>/dev/null) in *nf_tables*) symbol=nft_do_chain ;; *) return 0 ;; esac ;;
    nf_conntrack) symbol=nf_conntrack_in ;;
    *) return 0 ;;
  esac
  [ ! -r /proc/kallsyms ] || grep -qw "$symbol" /proc/kallsyms
}
`;

/** POSIX sh; its parameter is the boundary that parts the answers, or none for a terminal. Nothing but the table in dumps.ts is written into it. */
export function dumpScript(ids: readonly DumpId[]): string {
  let number = 0;
  const lines = ids.flatMap((id) =>
    dumpById(id).commands.map((command) =>
      attempts(command)
        .map((attempt) => quoteArgv(['part', String(number++), attempt.package, command.optional === true ? 'optional' : '', command.needs ?? '', quoteArgv(attempt.argv), ...attempt.argv]))
        .join(' || '),
    ),
  );
  return `${functions}${lines.join('\n')}\nexit 0\n`;
}

function attempts(command: DumpCommand): PackagedCommand[] {
  return command.otherwise === undefined ? [command] : [command, command.otherwise];
}
