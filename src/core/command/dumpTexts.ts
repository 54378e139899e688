import type { DumpCommand } from './dumpCommand';

/*
 * Dumps that take more than one command: POSIX sh, sent as they are and given nothing. A device's name may hold anything but a blank, a slash and a colon
 * (dev_valid_name in net/core/dev.c), so the names are what is before the colons of /proc/net/dev, which shows the namespace of whoever reads it.
 */

const deviceNames = `sed -e 1,2d -e 's/^ *//' -e 's/:.*//' /proc/net/dev`;

/**
 * Of every device but the loopback and veth ports of bridges: a host has one of these for each container, and the container shows the other end.
 * `ethtool -k` asks by ioctl(2) and loads nothing.
 */
export const offloads: DumpCommand = {
  argv: [
    'sh',
    '-c',
    `ports=$(ip -o link show type veth 2>/dev/null | sed -n '/ master /s/^[0-9]*: \\([^:@]*\\)[:@].*/\\1/p' | tr '\\n' ' ')
${deviceNames} | {
  left=0
  while IFS= read -r name; do
    [ "$name" != lo ] || continue
    case " $ports " in *" $name "*) left=$((left + 1)); continue ;; esac
    ethtool -k "$name"
  done
  [ "$left" = 0 ] || printf '(%s veth ports of bridges are left out: dump the namespaces of their other ends.)\\n' "$left"
}`,
  ],
  package: 'ethtool',
  script: { program: 'ethtool', shown: 'for device in …; do ethtool -k "$device"; done' },
};

/** Facts of `wg show` (wg(8)) that hold no secret. */
const publicFacts = 'public-key listen-port fwmark peers endpoints allowed-ips latest-handshakes transfer persistent-keepalive';

/** An implementation outside of the kernel is seen from every namespace, its device only from its own. */
export const wireguard: DumpCommand = {
  argv: [
    'sh',
    '-c',
    `set -f
found=
for device in $(wg show interfaces); do
  ${deviceNames} | grep -qxF -e "$device" || continue
  found=1
  for fact in ${publicFacts}; do
    printf '$ wg show %s %s\\n' "$device" "$fact"
    wg show "$device" "$fact"
  done
done
[ -n "$found" ] || printf 'No WireGuard device is in this namespace.\\n'`,
  ],
  package: 'wireguard-tools',
  needs: 'wireguard',
  script: { program: 'wg', shown: 'for device in $(wg show interfaces); do for fact in public-key … transfer; do wg show "$device" "$fact"; done; done' },
};

const weaveAnswers = 'http://127.0.0.1:6784/status';

/**
 * Weave Net's router answers on the loopback of the host's own namespace (`--http-addr`, prog/weaver/main.go; pages: prog/weaver/http.go), with whatever HTTP client is there.
 * No page holds the password of its peers. What listens there may be anything: little is read, and not for long.
 */
export const weave: readonly DumpCommand[] = ['', '/connections', '/peers'].map((page) => ({
  argv: [
    'sh',
    '-c',
    `if command -v curl >/dev/null 2>&1; then set -- curl -q -sSf --noproxy '*' --max-time 3
elif command -v wget >/dev/null 2>&1; then set -- env -u http_proxy wget -q -T 3 -O -
else
  echo 'Neither curl nor wget is on this host, so nothing was asked.'
  exit 127
fi
out=$({ "$@" ${weaveAnswers}${page} 2>&1 && echo answered; } | head -c 100000)
case $out in
  *answered) printf '%s' "\${out%answered}" ;;
  *)
    printf '%s\n' "$out"
    exit 1
    ;;
esac`,
  ],
  package: 'dash',
  script: { program: 'sh', shown: `curl ${weaveAnswers}${page}` },
  ...(page === '' && { note: "Weave's router does not answer at 127.0.0.1:6784 in this namespace: it does in the host's own, while it runs." }),
}));

/** The control groups of the processes that listen, which tell the containers: of cgroups version 2, and of systemd's own hierarchy of version 1. */
export const cgroupsOfListeners: DumpCommand = {
  argv: [
    'sh',
    '-c',
    `ss -tulwnp | grep -o 'pid=[0-9]*' | sort -u | while IFS== read -r _ pid; do
  printf '%s\\t%s\\n' "$pid" "$(sed -n -e 's/^0:://p' -e 's/^[0-9]*:name=systemd://p' "/proc/$pid/cgroup" 2>/dev/null | sort -u | tr '\\n' ' ')"
done`,
  ],
  package: 'iproute2',
  script: { program: 'ss', shown: 'for pid in …; do cat "/proc/$pid/cgroup"; done' },
};

/** Lines of nf_conntrack (nf_conntrack_standalone.c): family, its number, protocol, its number, seconds left, and for some a state; the rest is `key=value`. */
export const conntrackSummary: DumpCommand = {
  argv: [
    'sh',
    '-c',
    `if [ -r /proc/net/nf_conntrack ]; then cat /proc/net/nf_conntrack
elif command -v conntrack >/dev/null 2>&1; then for family in ipv4 ipv6; do conntrack -L -f "$family" -o extended 2>/dev/null; done
else echo 'This kernel has no /proc/net/nf_conntrack, and conntrack is not installed on this host (Debian and Ubuntu have it in the package conntrack).'; exit 1
fi | awk '{ state = $6 ~ /^[A-Z_0-9]+$/ ? $6 : "-"; count[$1 " " $3 " " state]++ } END { for (each in count) print count[each], each }' | sort -k1,1nr -k2`,
  ],
  package: 'mawk',
  needs: 'nf_conntrack',
  script: { program: 'awk', shown: 'conntrack -L -o extended, counted by family, protocol and state' },
};

/** Per device, only what is on: a host with a thousand devices has thousands that are not. The kernel shows gc_thresh* in its first namespace alone (neigh_sysctl_register). */
export const unusualSysctls: DumpCommand = {
  argv: [
    'sh',
    '-c',
    `grep -rsv '^0$' /proc/sys/net/ipv4/conf/*/rp_filter /proc/sys/net/ipv4/conf/*/proxy_arp /proc/sys/net/ipv4/conf/*/route_localnet || true
[ -e /proc/sys/net/ipv4/neigh/default/gc_thresh3 ] || printf 'The limits net.ipv*.neigh.default.gc_thresh* hold for the whole machine: only its first network namespace shows them.\\n'`,
  ],
  package: 'grep',
  script: { program: 'grep', shown: "grep -v '^0$' /proc/sys/net/ipv4/conf/*/{rp_filter,proxy_arp,route_localnet}" },
};
