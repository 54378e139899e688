#!/bin/sh
# A machine within a lab host whose first process is Debian's systemd: sh systemd.sh start [unified|lxc]|stop. `start` prints that process's id, as the host knows it.
# unified: with control groups of version 2 alone, whatever the host has. lxc: as the LXC container `sysbox`, not as a machine.
# It runs a service with a network of its own and, as machinectl would start it, a systemd-nspawn machine.
set -eu
root=/var/lib/machines/lab-systemd

# The systemd whose parent is the systemd-nspawn of that machine.
first() {
	if lxc-info --name sysbox --pid --no-humanize 2>/dev/null | grep -v '^-1$'; then return; fi
	for place in $(grep -lsx systemd-nspawn /proc/[0-9]*/comm); do
		pid=${place#/proc/}
		pid=${pid%/comm}
		if tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qx -e --machine=lab-systemd; then
			for child in $(cat "/proc/$pid/task/$pid/children"); do
				if [ "$(cat "/proc/$child/comm")" = systemd ]; then echo "$child"; fi
			done
		fi
	done
}

inside() {
	nsenter --target "$(first)" --mount --uts --ipc --net --pid --cgroup -- "$@"
}

wait_for() {
	left=100
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || { echo "no success within 20 s: $*" >&2; cat /var/log/lab-systemd.log >&2; exit 1; }
		sleep 0.2
	done
}

is_first() { [ -n "$(first)" ]; }
is_gone() { ! is_first; }

case ${1-} in
start)
	[ -s /etc/machine-id ] || echo 0123456789abcdef0123456789abcdef >/etc/machine-id
	mkdir -p "$root/etc/systemd/system" "$root/usr" "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp" "$root/var/log" "$root/root"
	for folder in bin sbin lib lib64; do ln -sfn "usr/$folder" "$root/$folder"; done
	cp /etc/machine-id /etc/os-release "$root/etc/"
	echo 'root:x:0:0::/root:/bin/sh' >"$root/etc/passwd"
	echo 'root:x:0:' >"$root/etc/group"
	box=$root/box
	for folder in bin etc usr/lib proc sys dev run tmp root sbin var; do mkdir -p "$box/$folder"; done
	cp "$(command -v busybox)" "$box/bin/busybox"
	ln -sf busybox "$box/bin/sleep"
	echo 'ID=box' >"$box/etc/os-release"
	units=$root/etc/systemd/system
	printf '%s\n' '[Unit]' 'DefaultDependencies=no' '[Service]' 'PrivateNetwork=yes' 'ExecStart=/usr/bin/sleep 2147483647' >"$units/vpn@.service"
	# Debian's unit without what needs machined and a bus.
	printf '%s\n' '[Unit]' 'DefaultDependencies=no' '[Service]' 'Slice=machine.slice' \
		'ExecStart=/usr/bin/systemd-nspawn --quiet --keep-unit --register=no --private-network --machine=%i --directory=/box /bin/sleep 2147483647' >"$units/systemd-nspawn@.service"
	printf '%s\n' '[Unit]' 'DefaultDependencies=no' 'AllowIsolate=yes' 'Wants=vpn@a\x2db.service systemd-nspawn@deb-12.service' >"$units/lab.target"
	ln -sfn lab.target "$units/default.target"
	if [ "${2-}" = lxc ]; then
		mkdir -p /var/lib/lxc/sysbox
		printf '%s\n' 'lxc.uts.name = sysbox' "lxc.rootfs.path = dir:$root" 'lxc.net.0.type = empty' 'lxc.init.cmd = /usr/lib/systemd/systemd' 'lxc.mount.auto = cgroup:mixed proc:mixed sys:mixed' \
			'lxc.mount.entry = /usr usr none ro,bind 0 0' >/var/lib/lxc/sysbox/config
		lxc-start --name sysbox --daemon
	elif [ "${2-}" = unified ]; then export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1; fi
	[ "${2-}" = lxc ] || setsid systemd-nspawn --quiet --register=no --keep-unit --private-network --machine=lab-systemd --directory="$root" --bind-ro=/usr --capability=all --boot \
		</dev/null >/var/log/lab-systemd.log 2>&1 &
	wait_for is_first
	wait_for inside systemctl is-active 'vpn@a\x2db.service' systemd-nspawn@deb-12.service
	# The machine's first process is there a moment after its service.
	wait_for inside sh -c 'pid=$(systemctl show --property MainPID --value systemd-nspawn@deb-12.service); [ "$(cat "/proc/$(tr -d " " <"/proc/$pid/task/$pid/children")/comm")" = sleep ]'
	first
	;;
stop)
	if [ -d /var/lib/lxc/sysbox ]; then
		lxc-stop --kill --name sysbox || :
		rm -rf /var/lib/lxc/sysbox
	elif is_first; then
		inside systemctl --force --force poweroff || :
		wait_for is_gone
	fi
	rm -rf "$root"
	;;
*)
	echo 'usage: systemd.sh start [unified | lxc] | stop' >&2
	exit 2
	;;
esac
