import type { Argv, DumpCommand, PackagedCommand } from './dumpCommand';
import type { DumpId } from './dumps';
import { dumpById } from './dumps';
import { quoteArgv, shownArgv } from './quote';

export interface DumpStep {
  readonly dump: DumpId;
  readonly argv: Argv;
  /** What the reader is shown, where `argv` is a script. */
  readonly shown?: string;
}

/** Every command that may run, in the order in which the script numbers them. */
export function dumpSteps(ids: readonly DumpId[]): DumpStep[] {
  return ids.flatMap((dump) =>
    dumpById(dump).commands.flatMap((command) => attempts(command).map(({ argv, script }) => ({ dump, argv, ...(script && { shown: script.shown }) }))),
  );
}

const functions = `
boundary=\${1-}
ovsSocket=\${OVS_RUNDIR:-/var/run/openvswitch}/db.sock
# part NUMBER PACKAGE OPTIONAL NEEDS PROGRAM NOTE SHOWN ARGV…: 0 where it ran and succeeded, or was left out on purpose.
part() {
  number=$1 package=$2 optional=$3 needs=$4 program=$5 note=$6 shown=$7
  shift 7
  if [ -n "$optional" ] && ! command -v "$program" >/dev/null 2>&1; then return 0; fi
  if [ -n "$boundary" ]; then printf '%s begin %s\\n' "$boundary" "$number"; else printf '\\n\\033[1m$ %s\\033[0m\\n' "$shown"; fi
  code=-
  if ! command -v "$program" >/dev/null 2>&1; then
    printf '%s is not installed on this host (Debian and Ubuntu have it in the package %s).\\n' "$program" "$package"
    result=1
  elif [ "$needs" = openvswitch ] && [ ! -S "$ovsSocket" ]; then
    printf 'ovsdb-server does not run on this host, so there is nothing to show. (Its socket would be %s.)\\n' "$ovsSocket"
    result=0
  elif ! hasLoaded "$needs" "$program"; then
    printf 'The kernel of this host has not loaded %s, so there is nothing to show. (Asking would load it.)\\n' "\${needs%-flavour}"
    result=0
  else
    "$@" </dev/null 2>&1
    code=$?
    result=$code
    if [ -n "$note" ] && [ "$code" != 0 ]; then printf '%s\\n' "$note"; fi
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
    xfrm_user) symbol=xfrm_netlink_rcv ;;
    ip_vs) [ -e /proc/net/ip_vs ]; return ;;
    # Its sockets are those of an implementation outside of the kernel.
    wireguard)
      for socket in /run/wireguard/*.sock; do if [ -S "$socket" ]; then return 0; fi; done
      symbol=wg_noise_handshake_create_initiation ;;
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
        .map((attempt) => partLine(number++, command, attempt))
        .join(' || '),
    ),
  );
  return `${functions}${lines.join('\n')}\nexit 0\n`;
}

function partLine(number: number, { optional, needs, note }: DumpCommand, { argv, package: debian, script }: PackagedCommand): string {
  const shown = script?.shown ?? shownArgv(argv);
  return quoteArgv(['part', String(number), debian, optional === true ? 'optional' : '', needs ?? '', script?.program ?? argv[0], note ?? '', shown, ...argv]);
}

function attempts(command: DumpCommand): PackagedCommand[] {
  return command.otherwise === undefined ? [command] : [command, command.otherwise];
}
