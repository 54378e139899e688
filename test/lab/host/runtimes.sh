#!/bin/sh
# Runtimes beside the engine on a lab host: sh runtimes.sh start|stop. All of their files are the host's own, since /etc, /run and /var are.
set -eu
rootfs=/var/lib/machines/box
pidfile=/run/lab-containerd.pid

start() {
	mkdir -p /etc/lxc /var/lib/lxc "$rootfs/bin" /etc/containers /etc/containerd /etc/cni/net.d
	# systemd-nspawn names its veths by it.
	[ -s /etc/machine-id ] || echo 0123456789abcdef0123456789abcdef >/etc/machine-id
	echo 'lxc.net.0.type = empty' >/etc/lxc/default.conf
	for folder in etc usr/lib proc sys dev run tmp root sbin var; do mkdir -p "$rootfs/$folder"; done
	cp "$(command -v busybox)" "$rootfs/bin/busybox"
	for applet in sh sleep ip; do ln -sf busybox "$rootfs/bin/$applet"; done
	echo 'ID=box' >"$rootfs/etc/os-release"

	echo '{"default":[{"type":"insecureAcceptAnything"}]}' >/etc/containers/policy.json
	printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n' >/etc/containers/storage.conf
	printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' >/etc/containers/containers.conf
	tar -C "$rootfs" -c . | podman import --quiet --change 'CMD ["/bin/sleep","2147483647"]' - localhost/box:lab >/dev/null

	# Root without CAP_SYS_RESOURCE may not lower oom_score_adj, and /run and /var are tmpfs, on which no overlay's layers lie.
	cat >/etc/containerd/config.toml <<-'END'
		version = 2
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "localhost/box:lab"
		  restrict_oom_score_adj = true
		  disable_apparmor = true
		  [plugins."io.containerd.grpc.v1.cri".containerd]
		    snapshotter = "native"
		  [plugins."io.containerd.grpc.v1.cri".cni]
		    bin_dir = "/usr/lib/cni"
	END
	echo '{"cniVersion":"0.4.0","name":"labpods","plugins":[{"type":"bridge","bridge":"cni0","isGateway":true,"ipam":{"type":"host-local","ranges":[[{"subnet":"10.244.0.0/24"}]]}}]}' >/etc/cni/net.d/10-lab.conflist
	setsid sh -c 'echo $$ >"$1"; exec containerd' sh "$pidfile" >/var/log/containerd.log 2>&1 </dev/null &
	left=100
	until ctr version >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || { tail -5 /var/log/containerd.log >&2; exit 1; }
		sleep 0.1
	done
	podman save --quiet --format docker-archive --output /run/box.tar localhost/box:lab >/dev/null
	ctr --namespace k8s.io images import /run/box.tar >/dev/null
	ctr images import --snapshotter native /run/box.tar >/dev/null
	rm /run/box.tar
}

stop() {
	for name in $(lxc-ls --running -1 2>/dev/null); do lxc-stop --kill --name "$name"; done
	# One whose namespace another is in goes after that one.
	for turn in 1 2 3; do podman rm --all --force --time 0 >/dev/null 2>&1 && break; done
	for place in $(grep -lsx systemd-nspawn /proc/[0-9]*/comm); do
		pid=${place#/proc/}
		kill "${pid%/comm}" 2>/dev/null || :
	done
	for namespace in default k8s.io; do
		for task in $(ctr --namespace "$namespace" tasks ls -q 2>/dev/null); do ctr --namespace "$namespace" tasks rm -f "$task" >/dev/null || :; done
		for id in $(ctr --namespace "$namespace" containers ls -q 2>/dev/null); do ctr --namespace "$namespace" containers rm "$id" || :; done
	done
	if [ -s "$pidfile" ]; then
		pid=$(cat "$pidfile")
		kill "$pid" 2>/dev/null || :
		left=100
		while kill -0 "$pid" 2>/dev/null && [ "$left" -gt 0 ]; do
			left=$((left - 1))
			sleep 0.1
		done
	fi
	ip link del cni0 2>/dev/null || :
	findmnt --list --noheadings --output TARGET | grep -E '^/(run|var/lib)/(containerd|containers)/' | sort -r | while read -r target; do umount -l "$target" || :; done
	rm -rf "$pidfile" /run/containerd/io.containerd* /run/containerd/containerd.sock* /run/containers /var/lib/containerd /var/lib/containers /var/lib/lxc /var/lib/machines /run/systemd/nspawn /etc/containers /etc/containerd /etc/cni /etc/lxc
}

case ${1-} in
start | stop) "$1" ;;
*)
	echo 'usage: runtimes.sh start | stop' >&2
	exit 2
	;;
esac
