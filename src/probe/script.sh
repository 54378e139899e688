# Reads one host's network namespaces and prints one framed answer; changes nothing on the host and leaves no file.
# Runs in any POSIX shell (dash, bash, busybox ash). The lines before this text set: nonce, limit (seconds), workers, keep (namespace keys),
# sources (dear ones to look into, too: fds, threads), later (not empty: lines are to follow that call tell_files and finish).
# Every frame begins with a line "<nonce> <kind> <arguments>"; a frame is whole where another one follows it.
# All of it is parsed before any of it runs: a text that was cut off on its way does nothing.

frame() {
  printf '%s %s\n' "$nonce" "$1"
}

# busybox runs its own applet for a bare name, so a program is called by its path. Sets `found`.
find_program() {
  found=
  IFS=:
  for dir in $PATH; do
    if [ -x "$dir/$1" ] && [ ! -d "$dir/$1" ]; then
      found=$dir/$1
      break
    fi
  done
  unset IFS
  [ -n "$found" ]
}

# `ip` was given JSON record by record (4.14 to 4.17), so it is asked for the two that came last.
find_ip() {
  ip=none
  ip_version=
  ip_path=
  bridge_path=
  if find_program bridge; then bridge_path=$found; fi
  if find_program ip; then ip_path=$found; else return; fi
  ip_version=$("$ip_path" -V 2>&1)
  ip_version=${ip_version%%"$newline"*}
  case $ip_version in
    *iproute2*)
      ip=text
      case $(printf 'route show table local dev lo\nneigh show dev lo\n' | "$ip_path" -j -batch - 2>/dev/null) in
        '['*"$newline["*) ip=json ;;
      esac
      ;;
    *) ip=busybox ;;
  esac
}

print_host() {
  uid=$(id -u)
  frame host
  read -r hostname 2>/dev/null </proc/sys/kernel/hostname
  printf 'kernel %s\nhostname %s\ncpus %s\nuid %s\nip %s\nip-version %s\nworkers %s\n' \
    "$(uname -s -r -m)" "$hostname" "$cpus" "$uid" "$ip" "$ip_version" "$workers"
  tools=
  for tool in ip bridge nsenter ss iptables ip6tables nft conntrack tcpdump brctl ethtool ipvsadm sysctl unshare mount bash sh docker podman ovs-vsctl tc tshark dig getent; do
    if find_program "$tool"; then tools="$tools $tool"; fi
  done
  printf 'tools%s\n' "$tools"
  for release in /etc/os-release /usr/lib/os-release; do
    # Not a pipe, which would be waited for.
    if [ -f "$release" ] && [ -r "$release" ]; then
      while read -r line || [ -n "$line" ]; do
        case $line in PRETTY_NAME=*) printf 'os %s\n' "$line" ;; esac
      done <"$release"
      break
    fi
  done
}

# What flannel wrote of this host, by the names that it writes (WriteSubnetFile in its pkg/subnet) and no others.
print_flannel() {
  if [ -f /run/flannel/subnet.env ] && [ -r /run/flannel/subnet.env ]; then
    frame flannel
    rows=0
    while [ "$rows" -lt 32 ] && { read -r line || [ -n "$line" ]; }; do
      rows=$((rows + 1))
      case $line in
        FLANNEL_NETWORK=* | FLANNEL_SUBNET=* | FLANNEL_IPV6_NETWORK=* | FLANNEL_IPV6_SUBNET=* | FLANNEL_MTU=* | FLANNEL_IPMASQ=*) printf '%s\n' "$line" ;;
      esac
    done </run/flannel/subnet.env
  fi
}

# Where engines listen, as the engine's client looks for them: what changes here since the last time, it looks for again.
print_sockets() {
  set +f
  set -- /var/run/docker.sock /run/podman/podman.sock /run/user/[0-9]*/docker.sock /run/user/[0-9]*/podman/podman.sock
  set -f
  frame sockets
  for place do
    if [ -S "$place" ]; then printf '%s\n' "$place"; fi
  done
}

# Containers that others than the engine keep account of in files: containerd's tasks but the engine's (`moby`), Podman's names, systemd-nspawn's machines.
# Of these files, in which environments and other secrets are, nothing but what is named here leaves the host. What an escaped quote stands before is no key.
print_runtimes() {
  set +f
  rows=
  for file in /run/containerd/io.containerd.runtime.v2.task/*/*/init.pid; do
    case $file in */moby/*) ;; *) if [ -e "$file" ]; then rows="$rows $file"; fi ;; esac
  done
  stores=$(printf '%s ' /var/lib/containers/storage/*-containers/*containers.json)
  set -f
  case $stores in *'*'*) stores= ;; esac
  if [ -z "$rows$stores" ] && [ ! -d /run/systemd/nspawn ]; then return; fi
  frame runtimes
  if [ -n "$rows" ]; then
    set --
    for file in $rows; do set -- "$@" "${file%/init.pid}/config.json"; done
    # shellcheck disable=SC2086
    grep -s '' /dev/null $rows
    grep -soHE '"(io\.kubernetes\.cri\.(container-name|sandbox-id|sandbox-name|sandbox-namespace|sandbox-uid)|nerdctl/name)":"([^"\\]|\\.)*"' /dev/null "$@"
  fi
  if [ -n "$stores" ]; then
    # shellcheck disable=SC2086
    grep -soE '"id":"[0-9a-f]{64}","names":\["([^"\\]|\\.)*"' /dev/null $stores
  fi
  if [ -d /run/systemd/nspawn ]; then print_machines; fi
}

# A machine's name is in its control group where a systemd made that; else it is what systemd-nspawn was told, or the name of its folder.
print_machines() {
  set +f
  for place in $(grep -lsx systemd-nspawn /proc/[0-9]*/comm); do
    set -f
    pid=${place#/proc/}
    pid=${pid%/comm}
    machine=
    image=
    take=
    IFS=$newline
    for word in $(tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline"); do
      case $take in
        machine) machine=${machine:-$word} ;;
        image) image=${image:-$word} ;;
      esac
      if [ -n "$take" ]; then
        take=
        continue
      fi
      case $word in
        --machine | -M) take=machine ;;
        --machine=*) machine=${machine:-${word#*=}} ;;
        -M*) machine=${machine:-${word#-M}} ;;
        --directory | --image | -D | -i) take=image ;;
        --directory=* | --image=*) image=${image:-${word#*=}} ;;
        -D* | -i*) image=${image:-${word#-?}} ;;
        --) break ;;
      esac
    done
    unset IFS
    image=${image%/}
    image=${image##*/}
    for child in $(cat "/proc/$pid/task/$pid/children" 2>/dev/null); do
      printf 'nspawn %s %s\n' "$child" "${machine:-${image%.raw}}"
    done
    set +f
  done
  set -f
}

# Sets `answer` to "device:inode:path" words for every process's network and mount namespace, this shell's first; processes in numeric order.
stat_processes() {
  set +f
  set -- /proc/[0-9] /proc/[0-9][0-9] /proc/[0-9][0-9][0-9] /proc/[0-9][0-9][0-9][0-9] \
    /proc/[0-9][0-9][0-9][0-9][0-9] /proc/[0-9][0-9][0-9][0-9][0-9][0-9] /proc/[0-9][0-9][0-9][0-9][0-9][0-9][0-9]
  set -f
  answer=
  batch=
  count=0
  for process in "$@"; do
    batch="$batch $process/ns/net $process/ns/mnt"
    count=$((count + 1))
    # An argument list has its limits (ARG_MAX).
    if [ "$count" -ge 2000 ]; then
      answer="$answer $(stat -L -c %d:%i:%n $batch 2>/dev/null)"
      batch=
      count=0
    fi
  done
  answer="$(stat -L -c %d:%i:%n /proc/self/ns/net /proc/self/ns/mnt $batch 2>/dev/null) $answer"
}

# This shell, what its login started for it (a shell, sudo), and what they run beside it: none of them is there when nobody looks. Sets `ours`.
find_ours() {
  ours=' '
  chain=
  file=/proc/self/stat
  while [ -r "$file" ]; do
    line=
    read -r line 2>/dev/null <"$file"
    if [ -z "$line" ]; then break; fi
    pid=${line%% *}
    # shellcheck disable=SC2086
    set -- ${line##*) }
    chain="$chain $pid"
    file=/proc/$2/stat
    # Field 6 is the session, which every login's command has for itself; sudo may make another one (use_pty).
    if [ "$4" = "$pid" ]; then
      name=
      if [ -r "/proc/$2/comm" ]; then read -r name 2>/dev/null <"/proc/$2/comm"; fi
      if [ "$name" != sudo ]; then break; fi
    elif [ "$2" -le 1 ]; then
      # No beginning of the session was met: then only this shell is surely ours.
      chain=${chain# }
      chain=${chain%% *}
      break
    fi
  done
  while [ -n "${chain# }" ]; do
    # shellcheck disable=SC2086
    set -- $chain
    chain=
    for pid in "$@"; do
      case $ours in *" $pid "*) continue ;; esac
      ours="$ours$pid "
      line=
      if [ -r "/proc/$pid/task/$pid/children" ]; then read -r line 2>/dev/null <"/proc/$pid/task/$pid/children"; fi
      chain="$chain $line"
      chain=${chain% }
    done
  done
}

# For each network namespace: how many processes beside ours, the first few of them, and a way in.
# Sets `tables` to "pid:inode" words: the first process of each mount namespace but this shell's.
sort_processes() {
  own=
  tables=
  seen=' '
  keys=
  details=
  for word in $answer; do
    path=${word##*:}
    key=${word%:*}
    inode=${key#*:}
    case ${key%%:*}$inode in *[!0-9]* | '') continue ;; esac
    case $path in
      /proc/self/ns/net)
        own=$key
        keys=" $key"
        eval "count_$inode=0 pids_$inode= key_$inode=\$key"
        continue
        ;;
      /proc/self/ns/mnt) seen=" $inode " && continue ;;
    esac
    pid=${path#/proc/}
    pid=${pid%%/*}
    case $pid in *[!0-9]* | '') continue ;; esac
    case $path in
      */mnt)
        case $seen in *" $inode "*) continue ;; esac
        seen="$seen$inode "
        tables="$tables $pid:$inode"
        continue
        ;;
    esac
    case $ours in *" $pid "*) continue ;; esac
    eval "known=\${key_$inode-} count=\${count_$inode-0}"
    if [ -z "$known" ]; then
      keys="$keys $key"
      eval "key_$inode=\$key pids_$inode="
    fi
    if [ "$count" -lt 4 ]; then
      eval "pids_$inode=\"\$pids_$inode \$pid\""
      details="$details /proc/$pid/stat /proc/$pid/cgroup"
    fi
    eval "count_$inode=$((count + 1))"
  done
}

# mountinfo writes blanks, backslashes and newlines as \ooo (seq_path in fs/proc_namespace.c). Sets `path`.
unescape() {
  path=$(printf '%s' "$1" | sed 's/%/%%/g')
  # shellcheck disable=SC2059
  path=$(printf "${path}x")
  path=${path%x}
}

# A bind-mounted namespace without a process is entered by its path, which must still lead to it: another mount may lie on top.
# $1: rows of mount tables; those of another mount namespace begin with their table's path and a colon.
sort_mounts() {
  IFS=$newline
  simple=
  for row in $1; do
    case $row in
      /*) place=${row%%/mountinfo:*}/root ;;
      *) place= ;;
    esac
    inode=${row#* net:\[}
    mounted=${inode#*\] }
    mounted=${mounted%% *}
    inode=${inode%%\]*}
    device=${row#* }
    device=${device#* }
    device=${device%% *}
    case $inode${device%:*}${device#*:} in *[!0-9]* | '') continue ;; esac
    eval "known=\${key_$inode-} count=\${count_$inode-0}"
    if [ -z "$known" ]; then
      # new_decode_dev in include/linux/kdev_t.h: what stat calls %d.
      key=$(((${device%:*} << 8) | (${device#*:} & 255) | ((${device#*:} & ~255) << 12))):$inode
      keys="$keys $key"
      eval "key_$inode=\$key count_$inode=0 pids_$inode="
    fi
    eval "known=\${path_$inode-}"
    if [ "$count" -eq 0 ] && [ -z "$known" ]; then
      case $mounted in
        *\\*)
          unset IFS
          unescape "$place$mounted"
          case $(stat -L -c %i "$path" 2>/dev/null) in "$inode") eval "path_$inode=\$path" ;; esac
          IFS=$newline
          ;;
        *) simple="$simple$newline$place$mounted" ;;
      esac
    fi
  done
  if [ -n "$simple" ]; then
    for word in $(stat -L -c %d:%i:%n $simple 2>/dev/null); do
      inode=${word#*:}
      path=${inode#*:}
      inode=${inode%%:*}
      case $inode in *[!0-9]* | '') continue ;; esac
      eval "known=\${key_$inode-}"
      if [ -n "$known" ]; then eval "path_$inode=\$path"; fi
    done
  fi
  unset IFS
}

# $1: a pattern; the rest: files. Each line comes with its file's path before it, whatever it holds.
search_files() {
  pattern=$1
  shift
  while [ $# -gt 4000 ]; do
    some=
    count=0
    for file in "$@"; do
      count=$((count + 1))
      if [ "$count" -gt 4000 ]; then break; fi
      some="$some $file"
    done
    shift 4000
    # shellcheck disable=SC2086
    grep -s "$pattern" /dev/null $some
  done
  grep -s "$pattern" /dev/null "$@"
}

# Most mount namespaces are copies of the host's, so what one of them shows at the same path as an earlier one says nothing.
search_tables() {
  files=
  for table in $tables; do files="$files /proc/${table%:*}/mountinfo"; done
  # shellcheck disable=SC2086
  {
    printf '%s\n' "$mounts"
    search_files "$namespace_row" $files
  } | awk -F '[ ]' 'seen[$4, $5]++ { next } /^\// { print }'
}

# Namespaces that descriptors hold, and TUN devices. What a descriptor's link says is no help: "/" for a bind mount that was taken away.
# /proc/PID/fdinfo tells an inode without asking the file system of an open file, which may hang; namespaces have the numbers of
# dynamic /proc entries (PROC_DYNAMIC_FIRST in fs/proc/generic.c). Prints lines "fd KEY PID FD" and, with the process's own namespace, "tun KEY PID NAME".
search_descriptors() {
  set +f
  # shellcheck disable=SC2086
  lines=$(printf '%s\n' /proc/[0-9]*/fdinfo | xargs grep -rsE '^(ino:.4[0-9]{9}|iff:.*)$')
  set -f
  held=
  IFS=$newline
  for line in $lines; do
    file=${line%%:*}
    pid=${file#/proc/}
    pid=${pid%%/*}
    case $line in
      *:iff:*) printf 'tun %s %s %s\n' "$(stat -L -c %d:%i "/proc/$pid/ns/net" 2>/dev/null || echo -)" "$pid" "${line#*:iff:?}" ;;
      *) held="$held /proc/$pid/fd/${file##*/}" ;;
    esac
  done
  unset IFS
  # shellcheck disable=SC2086
  printf '%s\n' $held | xargs stat -L -c '%d:%i %n' 2>/dev/null | sed -n 's|^\([0-9:]*\) /proc/\([0-9]*\)/fd/\([0-9]*\)$|fd \1 \2 \3|p'
}

# Prints lines "thread KEY PID TID" for threads in another namespace than their process's.
search_threads() {
  set +f
  for process in /proc/[0-9]*; do printf '%s\n' "$process"/task/*/ns/net; done | xargs stat -L -c '%d:%i %n' 2>/dev/null | awk '
    { split($2, at, "/") }
    at[3] == at[5] { main[at[3]] = $1; next }
    { key[++count] = $1; pid[count] = at[3]; tid[count] = at[5] }
    END { for (i = 1; i <= count; i++) if (key[i] != main[pid[i]]) print "thread", key[i], pid[i], tid[i] }'
  set -f
}

# Takes into the list of namespaces what descriptors and threads hold, a few for each; the files of all kinds of namespaces look alike.
# Sets `holders` to what is told of them.
sort_holders() {
  holders=
  IFS=$newline
  for row in $1; do
    unset IFS
    # shellcheck disable=SC2086
    set -- $row
    IFS=$newline
    case $1 in
      tun) holders="$holders$newline$row" && add_detail "$3" && continue ;;
      fd) place=/proc/$3/fd/$4 ;;
      *) place=/proc/$3/task/$4/ns/net ;;
    esac
    inode=${2#*:}
    case ${2%%:*}$inode in *[!0-9]* | '') continue ;; esac
    if [ "${2%%:*}" != "${own%%:*}" ]; then continue; fi
    eval "known=\${key_$inode-} count=\${held_$inode-0}"
    if [ -z "$known" ]; then
      case $others in *" $inode "*) continue ;; esac
      if ! is_network "$place"; then
        others="$others$inode "
        continue
      fi
      keys="$keys $2"
      eval "key_$inode=\$2 count_$inode=0 pids_$inode="
    fi
    if [ "$count" -ge 4 ]; then continue; fi
    eval "held_$inode=$((count + 1)) known=\${path_$inode-}"
    if [ -z "$known" ]; then eval "path_$inode=\$place"; fi
    holders="$holders$newline$row"
    add_detail "$3"
  done
  unset IFS
}

# Sets `net` to the network namespace that most threads of a process are in. An engine moves single threads into its sandboxes, the first one too, which
# /proc/PID/ns/net is of; and one that it could not bring back stays there (setns(2); libnetwork's osl).
find_net() {
  set +f
  # shellcheck disable=SC2046
  set -- $(stat -L -c %d:%i /proc/"$1"/task/*/ns/net 2>/dev/null | sort | uniq -c | sort -rn)
  set -f
  net=${2-}
}

# Engines of other network or process id namespaces than this shell's; a mount namespace of its own alone is what a service may have, too.
# Of several processes in the same namespaces (dockerd starts a containerd) the first kind is told. Prints lines "engine PID COMM MNT PIDNS NET",
# "name PID HOSTNAME" and "socket PID PATH". Of an engine's arguments, which may hold secrets, no more than sockets are told.
search_engines() {
  set +f
  lines=$(grep -sxE 'dockerd|podman|crio|containerd' /dev/null /proc/[0-9]*/comm)
  set -f
  if [ -z "$lines" ]; then return; fi
  mine=$(stat -L -c %i /proc/self/ns/pid 2>/dev/null)
  seen=
  for kind in dockerd podman crio containerd; do
    for line in $lines; do
      case $line in *":$kind") ;; *) continue ;; esac
      pid=${line#/proc/}
      pid=${pid%%/*}
      # shellcheck disable=SC2046
      set -- $(stat -L -c %d:%i "/proc/$pid/ns/mnt" "/proc/$pid/ns/pid" "/proc/$pid/ns/net" 2>/dev/null)
      find_net "$pid"
      if [ $# -eq 3 ] && [ -n "$net" ]; then set -- "$1" "$2" "$net"; fi
      if [ $# -ne 3 ] || { [ "${2#*:}" = "$mine" ] && [ "$3" = "$own" ]; }; then continue; fi
      case $seen in *" $1 $2 $3;"*) continue ;; esac
      given=$(tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null)
      # Other podman commands are no engine's.
      case $kind$newline$given in podman*"$newline"service*) ;; podman*) continue ;; esac
      seen="$seen $1 $2 $3;"
      printf 'engine %s %s %s %s %s\n' "$pid" "$kind" "${1#*:}" "${2#*:}" "$3"
      if [ -n "$nsenter_path" ]; then
        name=$("$nsenter_path" -t "$pid" -u uname -n 2>/dev/null)
        printf 'name %s %s\n' "$pid" "${name%%"$newline"*}"
      fi
      case $kind in dockerd) usual=/var/run/docker.sock ;; podman) usual=/run/podman/podman.sock ;; *) usual= ;; esac
      # A link that begins with / would lead to this shell's own files.
      if [ -L "/proc/$pid/root/var/run" ]; then link=/var/run/; else link=/run/; fi
      printf '%s\n%s\n' "$given" "unix://$usual" | sed -n 's|^.*unix://\(/.*\)|\1|p' | sed "s|^$link|/run/|" | sort -u | while read -r socket; do
        if [ -S "/proc/$pid/root$socket" ]; then printf 'socket %s %s\n' "$pid" "$socket"; fi
      done
    done
  done
}

# Takes their processes into the list of those that are told about.
sort_engines() {
  IFS=$newline
  for row in $1; do
    case $row in
      'engine '*)
        row=${row#engine }
        add_detail "${row%% *}"
        add_detail "${row%% *}" cgroup
        ;;
    esac
  done
  unset IFS
}

add_detail() {
  case "$details " in *" /proc/$1/${2-stat} "*) ;; *) details="$details /proc/$1/${2-stat}" ;; esac
}

is_network() {
  case $(readlink "$1") in
    net:*) return 0 ;;
    [a-z]*:*) return 1 ;;
  esac
  [ -n "$nsenter_path" ] && "$nsenter_path" "--net=$1" true 2>/dev/null
}

# Rows of mount tables, with every byte that is no visible ASCII written as the kernel writes some: \ooo. What is not UTF-8 would be lost on its way.
print_rows() {
  case $1 in
    *[!"$newline"\ -~]*) if find_program awk; then printf '%s\n' "$1" | escape_bytes && return; fi ;;
  esac
  printf '%s\n' "$1"
}

escape_bytes() {
  awk '
    BEGIN { for (i = 1; i < 256; i++) octal[sprintf("%c", i)] = sprintf("\\%03o", i) }
    /[^ -~]/ {
      row = ""
      for (i = 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        row = row (c ~ /[ -~]/ ? c : octal[c])
      }
      $0 = row
    }
    { print }'
}

print_sources() {
  find_ours
  stat_processes
  sort_processes
  namespace_row=' net:\[[0-9]*\] /.* - nsfs '
  mounts=$(grep "$namespace_row" /proc/self/mountinfo 2>/dev/null)
  sort_mounts "$mounts"
  frame 'mounts self'
  print_rows "$mounts"
  if [ -n "$tables" ] && ! find_program awk; then
    frame "unsearched ${tables# }"
  elif [ -n "$tables" ]; then
    mounts=$(search_tables)
    sort_mounts "$mounts"
    frame "mounts ${tables# }"
    print_rows "$mounts"
  fi
  if [ -n "$tables" ]; then
    engines=$(search_engines)
    sort_engines "$engines"
    if [ -n "$engines" ]; then
      frame nested
      printf '%s\n' "$engines"
    fi
  fi
  others=' '
  for source in $sources; do
    holders=
    case $source in
      fds)
        # Since Linux 5.14.
        if grep -qs '^ino:' /proc/self/fdinfo/0; then
          sort_holders "$(search_descriptors)"
          frame 'holders fds'
        else
          frame 'holders old'
        fi
        ;;
      threads)
        if find_program awk; then
          sort_holders "$(search_threads)"
          frame 'holders threads'
        else
          frame 'holders awk'
        fi
        ;;
    esac
    printf '%s\n' "$holders"
  done
  frame "index $own"
  for key in $keys; do
    eval "count=\$count_${key#*:} pids=\$pids_${key#*:} kept=\${keep_${key#*:}-}"
    if [ "$kept" = "$key" ]; then count="$count ="; fi
    printf '%s %s%s\n' "$key" "$count" "$pids"
  done
  frame processes
  # shellcheck disable=SC2086
  search_files '' $details
}

# Only ever called in a subshell of its own.
inside() {
  if [ -z "$entry" ]; then exec "$@"; fi
  exec "$nsenter_path" "--net=$entry" "$@"
}

# Sets `entry`: empty for the namespace that this shell is in. Fails where no way in is left.
find_entry() {
  entry=
  if [ "$1" = "$own" ]; then return 0; fi
  eval "pids=\$pids_${1#*:} entry=\${path_${1#*:}-}"
  if [ "$2" = again ] && [ -n "$entry" ] && [ -e "$entry" ]; then return 0; fi
  for pid in $pids; do
    if [ "$2" = first ] || [ -e "/proc/$pid/ns/net" ]; then
      entry=/proc/$pid/ns/net
      return 0
    fi
  done
  [ -n "$entry" ]
}

# $1: frame kind; the rest: the command. Prints its output, or what it complained of; fails only where the namespace cannot be entered.
read_part() {
  part=$1
  shift
  out=$(inside "$@" 2>/dev/null)
  code=$?
  if [ -n "$late" ]; then return 1; fi
  if [ "$code" -eq 0 ]; then
    printf '%s %s %s\n%s\n' "$nonce" "$part" "$key" "$out"
    return 0
  fi
  complaint=$(inside "$@" 2>&1 >/dev/null)
  if [ -n "$late" ]; then return 1; fi
  printf '%s failed %s %s %s\n%s\n' "$nonce" "$key" "$part" "$code" "$complaint"
  case $complaint in
    *nsenter:*)
      # Nobody but root may enter any: that is not tried again for each.
      case $complaint in *'not permitted'* | *'ermission denied'*) if [ "$uid" != 0 ]; then refusal=$complaint; fi ;; esac
      return 1
      ;;
  esac
  return 0
}

# Of a namespace with a bridge or a VXLAN device, whose links are in `out`.
read_forwarding() {
  case $out in *'"vlan_filtering":1'* | *' vlan_filtering 1 '*) filters=1 ;; *) filters= ;; esac
  read_fdb
  if [ -z "$filters" ] || [ -z "$bridge_path" ]; then return; fi
  if [ "$ip" = json ]; then
    read_part vlans "$bridge_path" -j vlan show
  else
    read_part vlans-text "$bridge_path" vlan show
  fi
}

read_fdb() {
  if [ -z "$bridge_path" ]; then
    frame "failed $key fdb 127"
  elif [ "$ip" = json ]; then
    read_part fdb "$bridge_path" -j fdb show
  else
    read_part fdb-text "$bridge_path" fdb show
  fi
}

# Of links in `out` whose other device is in another namespace: lines "KEY IFINDEX OTHER-IFINDEX veth|lower" to descriptor 3, where several workers write: each line is one
# write of less than PIPE_BUF, which is not mixed with another's.
note_others() {
  if [ -z "$noting" ]; then return; fi
  case $ip in
    json) case $out in *'"link_netnsid":'[0-9]*) ;; *) return ;; esac ;;
    *) case $out in *@if[0-9]*) ;; *) return ;; esac ;;
  esac
  if [ "$ip" = json ] && [ "${#out}" -lt 16384 ]; then
    note_shortly
    return
  fi
  IFS=$newline
  for row in $(printf '%s\n' "$out" | awk -v key="$key" '
    function tell() { if (other != "") print key, own, other, kind; other = "" }
    /^\[/ {
      count = split($0, part, /"ifindex":/)
      for (i = 2; i <= count; i++) {
        if (!match(part[i], /"link_index":[0-9]+/) || part[i] !~ /"link_netnsid":[0-9]/) continue
        own = part[i] + 0
        other = substr(part[i], RSTART + 13, RLENGTH - 13)
        kind = part[i] ~ /"info_kind":"veth"/ ? "veth" : "lower"
        tell()
      }
      next
    }
    /^[0-9]+: / {
      tell()
      if ($2 ~ /@if[0-9]+:$/) { own = $1 + 0; other = $2; sub(/^.*@if/, "", other); other += 0; kind = "lower" }
    }
    /^    veth / { kind = "veth" }
    END { tell() }'); do
    printf '%s\n' "$row" >&3
  done
  unset IFS
}

# As many as most namespaces have are told apart without a process. A comma in a name makes a field of no meaning.
note_shortly() {
  device=
  IFS=,
  for field in $out '{"ifindex":'; do
    case $field in
      *'{"ifindex":'*)
        if [ -n "$device" ] && [ -n "$numbered" ]; then printf '%s %s %s %s\n' "$key" "$index" "$device" "$kind" >&3; fi
        index=${field##*:}
        device=
        numbered=
        kind=lower
        ;;
      '"link_index":'*) device=${field#*:} ;;
      '"link_netnsid":'[0-9]*) numbered=1 ;;
      *'{"info_kind":"veth"'*) kind=veth ;;
    esac
  done
  unset IFS
}

read_slowly() {
  if ! find_entry "$key" again; then
    frame "vanished $key"
    return
  fi
  case $ip in
    json)
      read_part links "$ip_path" -j -d addr show || return
      links=$out
      note_others
      case $out in *'"info_kind":"bridge"'* | *'"info_kind":"vxlan"'*) forwards=1 ;; *) forwards= ;; esac
      read_part routes "$ip_path" -j -d route show table all || return
      read_part neighbours "$ip_path" -j neigh show || return
      ;;
    *)
      # busybox knows no -d, so there is no telling which device is a bridge.
      if [ "$ip" = text ]; then set -- -d; forwards=; else set --; forwards=$bridge_path; fi
      read_part links-text "$ip_path" "$@" addr show || return
      links=$out
      note_others
      case $out in *"$newline    bridge "* | *"$newline    vxlan "*) forwards=1 ;; esac
      read_part routes-text "$ip_path" route show table all || return
      read_part neighbours-text "$ip_path" neigh show || return
      ;;
  esac
  out=$links
  if [ -n "$forwards" ]; then read_forwarding; fi
}

read_namespace() {
  key=$1
  eval "kept=\${keep_${key#*:}-}"
  if [ "$kept" = "$key" ]; then return; fi
  if ! find_entry "$key" first; then
    frame "hidden $key"
    return
  fi
  if [ -n "$entry" ] && [ -z "$nsenter_path" ]; then
    frame "failed $key enter 127"
    return
  fi
  if [ -n "$entry" ] && [ -n "$refusal" ]; then
    printf '%s failed %s enter 1\n%s\n' "$nonce" "$key" "$refusal"
    return
  fi
  if [ "$ip" != json ]; then
    read_slowly
    return
  fi
  out=$(
    inside "$ip_path" -j -d -batch - 2>/dev/null <<'COMMANDS'
addr show
route show table all
neigh show
COMMANDS
  )
  code=$?
  if [ -n "$late" ]; then return; fi
  if [ "$code" -ne 0 ]; then
    read_slowly
    return
  fi
  printf '%s all %s\n%s\n' "$nonce" "$key" "$out"
  note_others
  # Only these two keep a forwarding database worth the second process.
  case $out in *'"info_kind":"bridge"'* | *'"info_kind":"vxlan"'*) read_forwarding ;; esac
}

# Whether there is, or should be, an Open vSwitch here: sets `ovs_state` to asked, or to absent where its database has no server.
find_ovs() {
  ovs_state=
  find_program ovs-vsctl || return 1
  ovs_path=$found
  ovs_run=${OVS_RUNDIR:-/var/run/openvswitch}
  if [ -S "$ovs_run/db.sock" ]; then
    ovs_state=asked
  elif [ -d "$ovs_run" ] || [ -s /etc/openvswitch/conf.db ] || [ -s /var/lib/openvswitch/conf.db ]; then
    ovs_state=absent
  fi
  [ -n "$ovs_state" ]
}

# Sets `daemon` to the state letter of ovs-vswitchd's process (proc(5)), or to none.
find_switch() {
  daemon=none
  set +f
  # Its pid file may lie elsewhere: then every process is looked at.
  for place in "$(cat "$ovs_run/ovs-vswitchd.pid" 2>/dev/null)" $(grep -lsx ovs-vswitchd /proc/[0-9]*/comm); do
    place=${place#/proc/}
    place=${place%/comm}
    case $place in *[!0-9]* | '') continue ;; esac
    line=$(cat "/proc/$place/stat" 2>/dev/null)
    case $line in
      *'(ovs-vswitchd)'*)
        line=${line##*) }
        daemon=${line%% *}
        break
        ;;
    esac
  done
  set -f
}

# An option `psk` is a secret (IPsec): it does not leave the host.
ask_ovs() {
  "$ovs_path" --timeout=3 --format=json "$@" | sed -E 's/\["psk","([^"\\]|\\.)*"\]/["psk",""]/g'
}

# Frame "ovs asked|absent STATE": a line for each of three tables, or what ovs-vsctl complained of.
read_ovs() {
  find_switch
  if [ "$ovs_state" = absent ]; then
    frame "ovs absent $daemon"
    return
  fi
  out=$(ask_ovs \
    -- --columns=_uuid,name,ports,datapath_type,fail_mode,stp_enable,external_ids list Bridge \
    -- --columns=_uuid,name,interfaces,tag,trunks,vlan_mode,bond_mode list Port \
    -- --columns=_uuid,name,type,options,ofport,admin_state,link_state,error,external_ids,mac_in_use,mtu list Interface 2>&1)
  # Older ones lack some of the columns.
  case $out in *'does not contain a column'*) out=$(ask_ovs -- list Bridge -- list Port -- list Interface 2>&1) ;; esac
  if [ -n "$late" ]; then return; fi
  frame "ovs asked $daemon"
  printf '%s\n' "$out"
}

# Sets `names` to how many names `ip netns` knows. Fails where there are none, or too many to ask for.
find_names() {
  case $ip in json | text) ;; *) return 1 ;; esac
  # NETNS_RUN_DIR in iproute2's include/namespace.h, which Debian builds without /var: mostly one folder.
  if [ /run/netns -ef /var/run/netns ]; then
    folder=/run/netns
  else
    # Where there are two, nothing tells which it reads; the only one need not be its own.
    case $([ -d /run/netns ] && echo /run/netns; [ -d /var/run/netns ] && echo /var/run/netns) in
      *"$newline"* | '') return 1 ;;
      /run/*) folder=/run/netns ;;
      *) folder=/var/run/netns ;;
    esac
    if [ -z "$("$ip_path" netns list 2>/dev/null)" ]; then return 1; fi
  fi
  set +f
  set -- "$folder"/*
  set -f
  names=$#
  # iproute2 opens each of them, which waits at a FIFO.
  for file do
    if [ -p "$file" ] || [ -c "$file" ]; then return 1; fi
  done
  # What is not JSON does not tell a line break in a name from the end of one.
  if [ "$ip" = text ]; then case "$*" in *"$newline"*) return 1 ;; esac fi
  [ "$names" -le 1000 ] && { [ "$names" -gt 1 ] || [ -e "$1" ]; }
}

# Symbolic links are followed, as iproute2 does: lines "DEVICE:INODE PATH". A name with a line break in it is left out: it could forge another row.
print_names() {
  set +f
  set -- "$folder"/*
  set -f
  count=$#
  for file in "$@"; do
    case $file in *"$newline"*) ;; *) set -- "$@" "$file" ;; esac
  done
  shift "$count"
  frame names
  if [ $# -gt 0 ]; then stat -L -c '%d:%i %n' "$@" 2>/dev/null; fi
}

# The kernel numbers other namespaces in each namespace (RTM_GETNSID), and iproute2 tells which of its names a number is. It asks once for each name, so this is
# done where links' numbers alone do not tell the other device's namespace, and for no more than `most_asked` names in all.
# Prints a frame "ids KEY" for each, between two frames of names: a name that is the same in both was so meanwhile.
read_namespaces() {
  trap 'late=1' USR1
  reader=read_namespace
  noting=
  if ! find_names || ! find_program awk; then
    fan_out 0
    return
  fi
  noting=1
  exec 4>&1
  # A veth's other end points back; the device under a macvlan does not. Of what is kept nothing is seen here.
  wanted=$(
    trap : USR1
    fan_out 0 3>&1 >&4 | (
      trap '' USR1
      exec awk -v all="$keep" -v most="$((most_asked / names))" '
        { key[NR] = $1; own[NR] = $2; other[NR] = $3; kind[NR] = $4; count[$2, $3]++ }
        END {
          for (i = 1; i <= NR; i++) {
            back = count[other[i], own[i]] - (own[i] == other[i])
            if (all != "" || kind[i] == "lower" || (back > 0 && (back > 1 || count[own[i], other[i]] - (own[i] == other[i]) > 1))) open[key[i]] += kind[i] == "lower" ? 2 : 1
          }
          # First those that settle several, and what the other side cannot tell.
          for (least = 2; least > 0; least--)
            for (i = 1; i <= NR; i++)
              if (open[key[i]] >= least && !seen[key[i]]++ && asked++ < most) print key[i]
        }'
    )
  )
  exec 4>&-
  noting=
  if [ -z "$wanted" ] || [ -n "$late" ]; then return; fi
  keys=$wanted
  reader=read_ids
  print_names
  fan_out 0
  print_names
}

# Where nothing is told, nothing more is known than the links say.
read_ids() {
  key=$1
  if ! find_entry "$key" again; then return; fi
  if [ "$ip" = json ]; then set -- -j; else set --; fi
  out=$(inside "$ip_path" "$@" netns list-id 2>/dev/null) || return
  if [ -n "$late" ]; then return; fi
  printf '%s ids %s\n%s\n' "$nonce" "$key" "$out"
}

# The database may be slow to answer, so it is asked while the namespaces are read.
fan_out_with_ovs() {
  trap 'late=1' USR1
  read_namespaces &
  rest=$(read_ovs)
  wait_for "$!"
  if [ -n "$rest" ]; then printf '%s\n' "$rest"; fi
}

# $1: which of the workers.
work() {
  late=
  refusal=
  trap 'late=1' USR1
  turn=0
  for each in $keys; do
    if [ $((turn % workers)) -eq "$1" ]; then "$reader" "$each"; fi
    if [ -n "$late" ]; then break; fi
    turn=$((turn + 1))
  done
}

# One worker writes straight away while the shell holds the others' answers in memory.
fan_out() {
  if [ "$ip" = none ]; then return; fi
  if [ $(($1 + 1)) -ge "$workers" ]; then
    work "$1"
    return
  fi
  trap 'late=1' USR1
  work "$1" &
  rest=$(fan_out $(($1 + 1)))
  wait_for "$!"
  # Where there are more workers than namespaces, an empty line would be taken for the end of another's answer.
  if [ -n "$rest" ]; then printf '%s\n' "$rest"; fi
}

# A trapped signal ends `wait` before the child.
wait_for() {
  wait "$1"
  while kill -0 "$1" 2>/dev/null; do wait "$1" 2>/dev/null || break; done
}

# Sets `tree` to the pids of this script and its descendants but the watchdog's, and `marks` to "pid:start" of them.
# /proc/PID/stat: pid (comm) state ppid … starttime, where comm may hold anything (proc(5)): the pid is taken from the path that grep prints.
find_tree() {
  set +f
  stats=$(grep -s '' /dev/null /proc/[0-9]*/stat)
  set -f
  tree=" $$ "
  marks=
  grown=1
  while [ -n "$grown" ]; do
    grown=
    IFS=$newline
    for line in $stats; do
      parent=${line##*) }
      parent=${parent#* }
      parent=${parent%% *}
      case $tree in *" $parent "*) ;; *) continue ;; esac
      pid=${line#/proc/}
      pid=${pid%%/*}
      if [ "$pid" = "$watchdog" ] || [ "$parent" = "$watchdog" ]; then continue; fi
      case $tree in *" $pid "*) continue ;; esac
      unset IFS
      start_of "$line"
      IFS=$newline
      tree="$tree$pid "
      marks="$marks $pid:$start"
      grown=1
    done
    unset IFS
  done
}

# Sets `start` from a line of /proc/PID/stat.
start_of() {
  # shellcheck disable=SC2086
  set -- ${1##*) }
  start=${20-}
}

# Ends what runs too long: workers stop after the command that the signal ends. Where the script was killed, ends what it left behind.
watch() {
  trap 'kill "${!:-}" 2>/dev/null; exit 0' TERM
  read -r watchdog rest </proc/self/stat
  waited=0
  while [ "$waited" -lt "$limit" ]; do
    nap
    waited=$((waited + 1))
    find_tree
  done
  for signal in USR1 USR1 KILL; do
    find_tree
    for pid in $tree; do
      if [ "$signal" = USR1 ] || [ "$pid" != $$ ]; then kill "-$signal" "$pid" 2>/dev/null; fi
    done
    nap
  done
  # A shell that waits for its next line takes no signal but this one.
  for signal in 1 2 3 4 5 6 7 8 9 10; do nap; done
  kill -KILL $$ 2>/dev/null
}

nap() {
  sleep 1 &
  wait "$!"
  if kill -0 $$ 2>/dev/null; then return; fi
  for mark in ${marks-}; do
    start_of "$(grep -s '' "/proc/${mark%:*}/stat")"
    if [ "${mark%:*}:$start" = "$mark" ]; then kill -KILL "${mark%:*}" 2>/dev/null; fi
  done
  exit 0
}

end_all() {
  trap '' USR1 TERM HUP INT PIPE
  kill "$dog" 2>/dev/null
  watchdog=$dog
  find_tree
  for pid in $tree; do
    if [ "$pid" != $$ ]; then kill -KILL "$pid" 2>/dev/null; fi
  done
  exit 1
}

main() {
  LC_ALL=C
  PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
  export LC_ALL PATH
  unset IFS
  set -f
  newline='
'
  most_asked=20000
  late=
  watch >/dev/null 2>&1 &
  dog=$!
  trap 'late=1' USR1
  trap end_all TERM HUP INT PIPE
  cpus=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
  case $cpus in *[!0-9]* | '') cpus=1 ;; esac
  if [ "$cpus" -lt "$workers" ]; then workers=$cpus; fi
  for key in $keep; do eval "keep_${key#*:}=\$key"; done
  nsenter_path=
  if find_program nsenter; then nsenter_path=$found; fi
  find_ip
  printf '\n'
  print_host
  print_flannel
  print_runtimes
  print_sockets
  print_sources
  # In a child, so that a signal finds this shell waiting.
  if find_ovs; then
    fan_out_with_ovs &
    wait_for "$!"
  else
    read_namespaces &
    wait_for "$!"
  fi
  all_late=${late:-0}
  if [ -z "${later-}" ]; then
    finish
    return
  fi
  # A shell that waits for its next line runs no traps; there is nothing left to clear away but the watchdog, which ends by itself.
  trap - TERM HUP INT PIPE
}

finish() {
  kill "$dog" 2>/dev/null
  wait "$dog" 2>/dev/null
  frame "end $all_late"
}

# $1: the most bytes that one may have; the rest: files. Of each a frame "file STATE", with its text without NUL. Regular files alone: what names them may name anything.
tell_files() {
  most=$1
  shift
  for file do
    if [ ! -e "$file" ]; then frame 'file missing'
    elif [ ! -f "$file" ]; then frame 'file odd'
    elif [ ! -r "$file" ]; then frame 'file closed'
    elif [ "$(wc -c <"$file")" -gt "$most" ]; then frame 'file large'
    elif text=$(tr -d '\000' <"$file" 2>/dev/null) && [ -z "$late" ]; then
      frame 'file whole'
      printf '%s\n' "$text"
    else
      frame 'file unread'
    fi
  done
}

main </dev/null
