/*
 * POSIX sh, run as `sh -c SCRIPT netns-explorer PARAMETER…`. Nothing is ever written into these texts: every value arrives as a positional
 * parameter. They use what util-linux, coreutils and busybox have in common, and never run a program out of a container's root.
 */

/** `say`, `show`, `isNamespace PATH`, `searchProcesses`, `searchMounts`, `gone`: they use `inode` and `label`. */
const finding = `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
say() { printf '%s\\n' "$*" >&2; }
# For text with names from the host in it, which a terminal might obey.
show() { printf '%s\\n' "$*" | cat -v >&2; }
isNamespace() {
  [ "$(ls -diL "$1" 2>/dev/null | { read -r number _; printf %s "$number"; })" = "$inode" ]
}
# Other processes may have come in since the host was read.
searchProcesses() {
  found=$(ls -diL /proc/[0-9]*/ns/net 2>/dev/null | while read -r number path; do
    if [ "$number" = "$inode" ]; then printf %s "$path"; break; fi
  done)
  [ -n "$found" ]
}
# mountinfo writes blanks, backslashes and newlines as \\ooo.
searchMounts() {
  seen=' '
  tables=$(ls -diL /proc/[0-9]*/ns/mnt 2>/dev/null | while read -r number path; do
    case $seen in *" $number "*) continue ;; esac
    seen="$seen$number "
    echo "\${path%/ns/mnt}/mountinfo"
  done)
  # Names are bytes.
  for table in $(LC_ALL=C grep -ls "net:\\[$inode\\] .* - nsfs " /dev/null $tables); do
    found=$(LC_ALL=C sed -n "s/%/%%/g; s/^[0-9]* [0-9]* [0-9:]* net:\\[$inode\\] \\(\\/[^ ]*\\) .* - nsfs .*/\\1/p" "$table" 2>/dev/null)
    found=$(printf "\${found%%"
"*}x")
    found=\${table%/mountinfo}/root\${found%x}
    if isNamespace "$found"; then return 0; fi
  done
  found=
  return 1
}
gone() {
  if [ "$(id -u)" = 0 ]; then
    say "The network namespace net:[$inode] ($label) is gone: none of its names and no process leads to it any more. Read the host again, and try anew."
  else
    say "The network namespace net:[$inode] ($label) cannot be reached as $(id -un): that takes root. Log in as root or allow sudo there, and try again."
  fi
  exit 1
}
`;

/** Takes N CANDIDATE×N off the parameters and sets `found`. The inode decides: a pid or a path may belong to something else by now. */
const choosing = `
count=$1 found=
shift
while [ "$count" -gt 0 ]; do
  if [ -z "$found" ] && isNamespace "$1"; then found=$1; fi
  shift
  count=$((count - 1))
done
[ -n "$found" ] || searchProcesses || searchMounts || gone
`;

/**
 * `startShell` becomes the user's shell, with a prompt that says where it is. bash reads its rcfile from a descriptor, so that no file
 * is left behind. The prompts hold a reference to the label, which is expanded each time and never read as part of the prompt's own language.
 */
const shell = `
findShell() {
  shell=\${SHELL:-}
  [ -x "$shell" ] || shell=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f7)
  [ -x "$shell" ] || shell=/bin/sh
}
startShell() {
  findShell
  NETNS_EXPLORER_LABEL=$label
  export NETNS_EXPLORER_LABEL
  case \${shell##*/} in
    bash)
      exec "$shell" --rcfile /proc/self/fd/9 -i 9<<'RC'
exec 9<&-
if [ -r ~/.bashrc ]; then . ~/.bashrc; fi
netns_explorer_prompt() {
  case $PS1 in
    '[netns '*) ;;
    *) PS1='[netns \${NETNS_EXPLORER_LABEL}] '$PS1 ;;
  esac
}
netns_explorer_prompt
# A prompt that is made anew each time loses what was put before it: look again after whatever makes it.
if [ "\${BASH_VERSINFO[0]}" -gt 5 ] || { [ "\${BASH_VERSINFO[0]}" = 5 ] && [ "\${BASH_VERSINFO[1]}" -ge 1 ]; }; then
  PROMPT_COMMAND+=(netns_explorer_prompt)
else
  PROMPT_COMMAND=\${PROMPT_COMMAND:+$PROMPT_COMMAND$'\\n'}netns_explorer_prompt
fi
RC
      ;;
    fish)
      exec "$shell" -i -C 'functions -q fish_prompt; and functions --copy fish_prompt netns_explorer_prompt; or function netns_explorer_prompt; printf "> "; end; function fish_prompt; printf "[netns %s] " $NETNS_EXPLORER_LABEL; netns_explorer_prompt; end'
      ;;
    zsh)
      # zsh's start files usually set the left prompt and leave the right one alone. The label holds no percent sign.
      RPS1="[netns $label]"
      export RPS1
      exec "$shell" -i
      ;;
    *)
      # busybox reads escapes in what a reference is expanded to.
      case $label in *\\\\*) NETNS_EXPLORER_LABEL=$(printf %s "$label" | tr '\\\\' '?') ;; esac
      PS1='[netns $NETNS_EXPLORER_LABEL] # '
      export PS1
      exec "$shell" -i
      ;;
  esac
}
`;

/**
 * Begins with a comment, because messages and process lists show a command by its beginning.
 * Finds the namespace, enters it together with a mount namespace of its own, and goes on with `insideScript`.
 * Parameters: INSIDE INODE LABEL ROOTS MODE FIRST N CANDIDATE×N ARGV…
 *
 * Propagation is `slave`, not `private`: what is mounted here stays here, but what the host unmounts is unmounted here too. With
 * `private`, an open terminal would hold removed containers' file systems and namespaces ("device or resource busy").
 */
export const enterScript = `# netns-explorer: enter a network namespace, and run something there
${finding}
inside=$1 inode=$2 label=$3 roots=$4 mode=$5 first=$6
shift 6
${choosing}
command -v nsenter >/dev/null 2>&1 || { say "nsenter is missing on this host: install util-linux there, and try again."; exit 1; }
# -n and its value in one word: busybox and util-linux both take that.
if nsenter -n"$found" unshare --mount --propagation slave true 2>/dev/null; then
  exec nsenter -n"$found" unshare --mount --propagation slave sh -c "$inside" netns-explorer "$inode" "$label" "$roots" "$mode" "$first" own "$@"
elif nsenter -n"$found" unshare -m true 2>/dev/null; then
  exec nsenter -n"$found" unshare -m sh -c "$inside" netns-explorer "$inode" "$label" "$roots" "$mode" "$first" own "$@"
elif why=$(nsenter -n"$found" true 2>&1); then
  say "No mount namespace can be made here, so /sys and /etc/resolv.conf stay the host's: brctl shows the host's bridges (bridge link is right), and names resolve as on the host."
  exec nsenter -n"$found" sh -c "$inside" netns-explorer "$inode" "$label" "$roots" "$mode" "$first" shared "$@"
else
  say "The network namespace net:[$inode] ($label) cannot be entered as $(id -un): $why. That takes root: log in as root or allow sudo there, and try again."
  exit 1
fi
`;

/**
 * Goes on inside. Parameters: INODE LABEL ROOTS MODE FIRST MOUNTS ARGV…
 * ROOTS: pids, blank-separated. MODE: `shell`, or `run` for ARGV alone. FIRST: text for `sh` that runs before the shell, or empty. MOUNTS: `own` or `shared`.
 *
 * sysfs shows the devices of the namespace that mounted it (net/core/net-sysfs.c), hence the fresh one. It is put together aside, on a
 * directory that is always there, with what the host has mounted below /sys, and then laid over /sys.
 */
export const insideScript = `${finding}
inode=$1 label=$2 roots=$3 mode=$4 first=$5 mounts=$6
shift 6
if [ "$(readlink /proc/self/ns/net)" != "net:[$inode]" ]; then
  say "The network namespace net:[$inode] ($label) went away while it was being entered. Read the host again, and try anew."
  exit 1
fi

freshSys() {
  table=$(cat /proc/self/mounts) || return 1
  options=nosuid,nodev,noexec
  case $table in *" /sys sysfs ro"*) options=$options,ro ;; esac
  mount -t sysfs -o "$options" sysfs /sys/class || return 1
  for place in fs/cgroup fs/bpf fs/fuse/connections fs/pstore firmware/efi/efivars kernel/config kernel/debug kernel/security kernel/tracing; do
    case $table in
      *" /sys/$place "*) mount --rbind "/sys/$place" "/sys/class/$place" || return 1 ;;
    esac
  done
  mount --rbind /sys/class /sys
}

# take PID PATH COPY: a link in the container's tree that leads out of it is resolved against the host's root, so the file is opened
# first and then asked where it lies: mount ids are unique on a machine, and a host's mount is not in the container's mountinfo.
take() {
  [ -f "/proc/$1/root$2" ] || return 1
  {
    [ -f /proc/self/fd/8 ] || return 1
    id=
    while read -r key value; do
      if [ "$key" = mnt_id: ]; then id=$value; fi
    done </proc/self/fdinfo/8
    while read -r number _; do
      if [ -n "$id" ] && [ "$number" = "$id" ]; then
        head -c 1048576 <&8 >"$3"
        return
      fi
    done <"/proc/$1/mountinfo"
    return 1
  } 8<"/proc/$1/root$2"
}

# names PID: the container's resolv.conf and hosts, seen from here alone. The host's nsswitch.conf stays.
names() {
  stage=/sys/kernel
  mount -t tmpfs -o size=4m,mode=0755,nosuid,nodev,noexec netns-explorer "$stage" || return 1
  for file in /etc/hosts /etc/resolv.conf; do
    copy=$stage/\${file##*/}
    if ! take "$1" "$file" "$copy" 2>/dev/null; then
      say "The container's $file is missing or leads out of the container, so the host's stays in use here."
    elif ! mount --bind "$copy" "$file" 2>/dev/null; then
      say "The container's $file cannot be shown at $file here, so the host's stays in use."
    elif [ "$file" = /etc/resolv.conf ]; then
      # These would answer for the host before resolv.conf is looked at: nss-resolve asks systemd-resolved, and glibc asks nscd.
      for place in /run/systemd/resolve /run/nscd; do
        [ ! -d "$place" ] || mask "$place" "$copy"
      done
    fi
  done
  umount -l "$stage"
}

# mask DIRECTORY RESOLV_CONF: an empty directory in its place, but for the names by which /etc/resolv.conf may point into it.
mask() {
  mount -t tmpfs -o size=4m,mode=0755,nosuid,nodev,noexec netns-explorer "$1" || return 1
  if [ "$1" = /run/systemd/resolve ]; then
    cp "$2" "$1/stub-resolv.conf" && cp "$2" "$1/resolv.conf"
  fi
}

if [ "$mounts" = own ] && mount --make-rslave / 2>/dev/null; then
  freshSys || say "/sys could not be mounted anew and stays the host's: brctl shows the host's bridges (bridge link is right)."
  for pid in $roots; do
    if isNamespace "/proc/$pid/ns/net"; then
      names "$pid" || say "The container's resolv.conf and hosts could not be shown here: names resolve as on the host."
      break
    fi
  done
fi
${shell}
if [ "$mode" = run ]; then
  exec "$@"
fi
say "In network namespace net:[$inode] ($label), with this host's files and tools. Leave it with exit."
if [ -n "$first" ]; then sh -c "$first" netns-explorer; fi
startShell
`;

/**
 * The way that `ip netns exec` offers: a name under /var/run/netns for as long as the shell lasts.
 * Parameters: SHELL_SCRIPT INODE LABEL N CANDIDATE×N
 *
 * The shell is no `exec`: someone must put things back. A hang-up ends the shell too, which is in the same session, and the traps run then; TERM for this process
 * alone waits for the end of the shell, which needs the name so long. What a killed one left behind is swept by the next run.
 */
export const ipNetnsScript = `# netns-explorer: enter a network namespace by ip netns exec
${finding}
inside=$1 inode=$2 label=$3
shift 3
${choosing}
ip netns list >/dev/null 2>&1 || { say "The ip of this host is missing or knows no network namespaces (busybox has none): install iproute2 there, or enter without ip netns."; exit 1; }
folder=/var/run/netns
for left in "$folder"/netns-explorer-*; do
  owner=\${left##*-}
  if [ -L "$left" ] && [ ! -d "/proc/$owner" ]; then
    rm -f "$left"
    show "+ rm $left  (left behind by a shell that was killed)"
  fi
done
made=
name=netns-explorer-$inode-$$
restore() {
  trap '' HUP INT TERM
  trap - EXIT
  rm -f "$folder/$name"
  if [ -n "$made" ]; then rmdir "$folder" 2>/dev/null; fi
  say "+ rm $folder/$name"
}
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'status=$?; restore; exit $status' EXIT
if [ ! -d "$folder" ]; then
  mkdir -p "$folder" || { say "$folder cannot be made. Enter without ip netns, which needs no name there."; exit 1; }
  made=yes
  say "+ mkdir -p $folder"
fi
ln -s "$found" "$folder/$name" || { say "No name can be made in $folder. Enter without ip netns, which needs none."; exit 1; }
show "+ ln -s $found $folder/$name"
${shell}
findShell
say "+ ip netns exec $name $shell"
ip netns exec "$name" sh -c "$inside" netns-explorer "$label"
`;

/** Becomes the user's shell. Parameters: LABEL */
export const shellScript = `label=$1
${shell}
startShell
`;
