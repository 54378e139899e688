#!/bin/sh
# Open vSwitch on a lab host, in user space: sh openvswitch.sh start|stop, or kill DAEMON, hang DAEMON, resume DAEMON (ovsdb-server or ovs-vswitchd).
# Its run directory and database are the host's own, since /run and /etc are.
set -eu
run=/var/run/openvswitch
data=/etc/openvswitch

pid() {
	[ -s "$run/$1.pid" ] && kill -0 "$(cat "$run/$1.pid")" 2>/dev/null && cat "$run/$1.pid"
}

# A shell has nothing to wait on for a process that is not its child.
end() {
	old=$(pid "$1") || return 0
	kill "-$2" "$old"
	# A stopped process takes its signal when it goes on.
	kill -CONT "$old" 2>/dev/null || :
	left=400
	while kill -0 "$old" 2>/dev/null; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || { echo "$1 (process $old) has not ended within 20 s" >&2; exit 1; }
		sleep 0.05
	done
}

case ${1-} in
start)
	mkdir -p "$run" "$data"
	[ -e "$data/conf.db" ] || ovsdb-tool create "$data/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	pid ovsdb-server >/dev/null || ovsdb-server "$data/conf.db" --remote="punix:$run/db.sock" --no-chdir --detach --pidfile --log-file=/var/log/ovsdb-server.log -vconsole:off
	ovs-vsctl --no-wait init
	pid ovs-vswitchd >/dev/null || ovs-vswitchd "unix:$run/db.sock" --no-chdir --detach --pidfile --log-file=/var/log/ovs-vswitchd.log -vconsole:off
	# Until the switch has taken in what the database says.
	ovs-vsctl --timeout=20 set Open_vSwitch . external_ids:started=yes
	;;
stop)
	if pid ovs-vswitchd >/dev/null && pid ovsdb-server >/dev/null; then
		for bridge in $(ovs-vsctl --timeout=10 list-br); do ovs-vsctl --timeout=10 del-br "$bridge"; done
	fi
	end ovs-vswitchd TERM
	end ovsdb-server TERM
	# A datapath in user space has persistent taps as its devices (TUNSETPERSIST): a switch that was killed leaves them, with their addresses.
	internal='["Open_vSwitch", {"op": "select", "table": "Interface", "where": [["type", "==", "internal"]], "columns": ["name"]}]'
	for device in ovs-netdev $([ ! -e "$data/conf.db" ] || ovsdb-tool query "$data/conf.db" "$internal" | grep -o '"name":"[^"]*"' | cut -d '"' -f 4); do
		if ip link show dev "$device" >/dev/null 2>&1; then ip link del dev "$device"; fi
	done
	rm -rf "$run" "$data"
	;;
kill) end "$2" KILL ;;
hang) kill -STOP "$(pid "$2")" ;;
resume) kill -CONT "$(pid "$2")" ;;
*)
	echo 'usage: openvswitch.sh start | stop | kill DAEMON | hang DAEMON | resume DAEMON' >&2
	exit 2
	;;
esac
