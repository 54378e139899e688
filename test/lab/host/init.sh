#!/bin/sh
# The first process of a lab host. Started in new mount, UTS, IPC, PID, cgroup and network namespaces, it builds a root of
# its own (the machine's programs read-only, everything else private), starts sshd and the engine, and reaps orphans.
# In the environment: LAB_HOST (name), LAB_FOLDER (this host's files), LAB_KIND (engine or bare).
set -eu

# /proc is still the machine's: this is the process id by which the machine knows this process.
read -r pid _ </proc/self/stat
echo "$pid" >"$LAB_FOLDER/pid.draft"
mv "$LAB_FOLDER/pid.draft" "$LAB_FOLDER/pid"

root=$LAB_FOLDER/root
mount -n --make-rprivate /
mount -n -t tmpfs -o mode=755 "$LAB_HOST" "$root"
cd "$root"
mkdir -m 755 dev dev/pts dev/shm dev/net etc home mnt opt proc run run/sshd srv sys usr var var/cache var/lib var/log var/spool old
mkdir -m 1777 tmp var/tmp
mkdir -m 700 root
ln -s /run var/run
ln -s /run/lock var/lock

mount -n --bind /usr usr
mount -n -o remount,bind,ro usr
for folder in bin sbin lib lib32 lib64 libx32; do
	if [ -L "/$folder" ]; then
		cp -P "/$folder" "$folder"
	elif [ -d "/$folder" ]; then
		mkdir "$folder"
		mount -n --bind "/$folder" "$folder"
		mount -n -o remount,bind,ro "$folder"
	fi
done
mount -n -t tmpfs -o mode=755 none usr/local

for file in alternatives bash.bashrc debian_version ethertypes gai.conf host.conf inputrc iproute2 ld.so.cache ld.so.conf \
	ld.so.conf.d locale.alias localtime login.defs networks nsswitch.conf os-release profile protocols rpc security services \
	shells terminfo vim; do
	[ -e "/etc/$file" ] || [ -L "/etc/$file" ] || continue
	cp -a "/etc/$file" etc/
done
LAB_HOST=$LAB_HOST sh "$LAB_FOLDER/accounts.sh" "$LAB_FOLDER" "$root"

mount -n -t tmpfs -o mode=755 none dev/shm
for device in null zero full random urandom tty net/tun; do
	[ -e "/dev/$device" ] || continue
	: >"dev/$device"
	mount -n --bind "/dev/$device" "dev/$device"
done
mount -n -t devpts -o newinstance,mode=620,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr

mount -n -t proc proc proc
mount -n -t sysfs sysfs sys
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	mount -n -t cgroup2 cgroup2 sys/fs/cgroup
	# A group that hands controllers down may hold no process itself.
	mkdir sys/fs/cgroup/init
	while read -r member; do echo "$member" >sys/fs/cgroup/init/cgroup.procs || :; done <sys/fs/cgroup/cgroup.procs
	sed -e 's/ / +/g' -e 's/^/+/' <sys/fs/cgroup/cgroup.controllers >sys/fs/cgroup/cgroup.subtree_control
else
	mount -n -t tmpfs -o mode=755 none sys/fs/cgroup
	while IFS=: read -r _ controllers _; do
		case $controllers in
		'') continue ;;
		name=*) options=none,$controllers folder=${controllers#name=} ;;
		*) options=$controllers folder=$controllers ;;
		esac
		mkdir "sys/fs/cgroup/$folder"
		mount -n -t cgroup -o "$options" cgroup "sys/fs/cgroup/$folder"
	done <proc/self/cgroup
fi

if [ "$LAB_KIND" = bare ]; then
	# A host with little on it: ip is busybox's, there is no bridge, and no engine.
	mkdir -p run/bare/bin run/bare/sbin run/bare/bin.work run/bare/sbin.work
	for folder in bin sbin; do
		mount -n -t overlay -o "lowerdir=/usr/$folder,upperdir=$root/run/bare/$folder,workdir=$root/run/bare/$folder.work" overlay "usr/$folder"
		for program in bridge brctl docker dockerd docker-proxy docker-init containerd containerd-shim containerd-shim-runc-v1 \
			containerd-shim-runc-v2 ctr runc ip ss nft jq conntrack; do
			rm -f "usr/$folder/$program"
		done
	done
	ln -s busybox usr/bin/ip
fi

pivot_root . old
umount -n -l /old
rmdir /old
cd /
hostname "$LAB_HOST"
ip link set lo up

/usr/sbin/sshd -E /var/log/sshd.log
[ "$LAB_KIND" = bare ] || lab-engine start

# Waiting reaps whatever was orphaned here.
while :; do
	sleep 2147483647 &
	wait "$!" || :
done
