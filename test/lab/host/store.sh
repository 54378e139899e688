#!/bin/sh
# A real key-value store on a lab host and an engine that shares its networks by it, as before swarm mode: store.sh start|stop
# etcd listens on every address of the host, with both versions of its interface. The engine is in namespaces of its own, since one host has a swarm
# or a store, never both; `start` prints their first process and its start time, by the host's own count, and the id of its overlay.
set -eu

folder=/tmp/lab-store
inside() { nsenter --target "$(cat $folder/engine.pid)" --mount --net --pid --uts --ipc -- "$@"; }

# A shell has nothing to wait on for a process that is not its child.
until_true() {
	left=300
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || { echo "waited 30 s in vain for: $*" >&2; tail -n 5 $folder/*.log >&2; exit 1; }
		sleep 0.1
	done
}

stop() {
	for name in engine etcd; do
		[ -s "$folder/$name.pid" ] || continue
		pid=$(cat "$folder/$name.pid")
		kill -KILL "$pid" 2>/dev/null || continue
		until_true sh -c "! kill -0 $pid"
	done
	ip link del lab-store 2>/dev/null || :
	umount -l "$folder" 2>/dev/null || :
	rm -rf "$folder"
}

case ${1-} in
start)
	stop
	mkdir -p $folder
	mount -t tmpfs -o mode=755 none $folder
	docker save net-tools --output $folder/image.tar
	setsid etcd --name lab --data-dir $folder/etcd --enable-v2 --log-level warn --listen-client-urls http://0.0.0.0:2379 \
		--advertise-client-urls http://10.99.7.1:2379 --listen-peer-urls http://127.0.0.1:2380 >$folder/etcd.log 2>&1 </dev/null &
	echo $! >$folder/etcd.pid
	until_true env ETCDCTL_API=3 etcdctl --endpoints=127.0.0.1:2379 endpoint health
	# The engine and its containers end with the shell, the first process of their PID namespace. The engine itself would not do as that: one of its threads
	# may stay in a sandbox that it made (libnetwork, osl), and where that is the first one, /proc/PID/ns/net of the engine is the sandbox.
	setsid unshare --mount --net --pid --ipc --uts --fork --kill-child --mount-proc --propagation private sh -c '
		hostname kvhost
		mount -t tmpfs -o mode=755 none /run
		mount -t tmpfs -o mode=711 none /var/lib/docker
		ip link set lo up
		until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
		dockerd --storage-driver overlay2 --log-driver local --log-level warn --cluster-store=etcd://10.99.7.1:2379 --cluster-advertise=10.99.7.2:2375 &
		wait
	' >$folder/dockerd.log 2>&1 </dev/null &
	unshare=$!
	until_true sh -c "[ -n \"\$(cat /proc/$unshare/task/$unshare/children)\" ]"
	tr -d ' ' </proc/$unshare/task/$unshare/children >$folder/engine.pid
	ip link add lab-store type veth peer name eth0 netns "$(cat $folder/engine.pid)"
	ip addr add 10.99.7.1/24 dev lab-store
	ip link set lab-store up
	inside ip addr add 10.99.7.2/24 dev eth0
	inside ip link set eth0 up
	until_true inside docker version
	inside docker load --quiet <$folder/image.tar >/dev/null
	inside docker network create --driver overlay --subnet 10.13.17.0/24 demonet >$folder/network
	inside docker run --detach --name kvbox --network demonet --ip 10.13.17.11 net-tools sleep infinity >/dev/null
	until_true inside busybox wget -q -O /dev/null http://10.99.7.1:2379/version
	echo "$(cat $folder/engine.pid) $(sed 's/.*) //' "/proc/$(cat $folder/engine.pid)/stat" | cut -d' ' -f20) $(cat $folder/network)"
	;;
stop)
	stop
	;;
*)
	echo 'usage: store.sh start|stop' >&2
	exit 2
	;;
esac
