#!/bin/sh
# Users, sudo, PAM and sshd of a lab host, written into the host's own /etc. Arguments: the host's files, its root folder.
set -eu
files=$1
root=$2
etc=$root/etc

# System users and groups are the machine's (sshd, docker, …); people are the lab's alone.
awk -F: '$3 < 1000 && $1 != "root"' /etc/passwd >"$etc/passwd"
awk -F: '$3 < 1000' /etc/group >"$etc/group"
{
	echo 'root:x:0:0:root:/root:/bin/bash'
	id=1000
	for user in vagrant nosudo sudopw pwonly; do
		echo "$user:x:$id:$id::/home/$user:/bin/bash"
		echo "$user:x:$id:" >>"$etc/group"
		mkdir -m 755 "$root/home/$user"
		chown "$id:$id" "$root/home/$user"
		id=$((id + 1))
	done
} >>"$etc/passwd"
# "*": no password fits, keys do.
awk -F: '{ print $1 ":*:19000:0:99999:7:::" }' "$etc/passwd" >"$etc/shadow"
chmod 640 "$etc/shadow"

echo "$LAB_HOST" >"$etc/hostname"
cp "$files/hosts" "$etc/hosts"
: >"$etc/resolv.conf"

mkdir "$etc/pam.d"
for service in sshd sudo sudo-i su chpasswd other; do
	printf '%s\n' \
		'auth required pam_unix.so nodelay' \
		'account required pam_unix.so' \
		'password required pam_unix.so sha512' \
		'session required pam_unix.so quiet' >"$etc/pam.d/$service"
done
chroot "$root" chpasswd <"$files/passwords"

mkdir -m 750 "$etc/sudoers.d"
cat >"$etc/sudoers" <<'END'
Defaults env_reset
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) ALL
vagrant ALL=(ALL:ALL) NOPASSWD: ALL
sudopw ALL=(ALL:ALL) ALL
END
chmod 440 "$etc/sudoers"

mkdir "$etc/ssh"
cp "$files"/ssh_host_* "$files/authorized_keys" "$etc/ssh/"
chmod 600 "$etc"/ssh/ssh_host_*_key
chmod 644 "$etc/ssh/authorized_keys"
cat >"$etc/ssh/sshd_config" <<'END'
HostKey /etc/ssh/ssh_host_ed25519_key
HostKey /etc/ssh/ssh_host_ecdsa_key
HostKey /etc/ssh/ssh_host_rsa_key
AuthorizedKeysFile /etc/ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
UseDNS no
PrintMotd no
PrintLastLog no
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
AcceptEnv LANG LC_*
SetEnv LANG=C.UTF-8
Subsystem sftp internal-sftp
Match User pwonly
	AuthorizedKeysFile none
	PubkeyAuthentication no
	PasswordAuthentication yes
	KbdInteractiveAuthentication yes
END

mkdir -p "$root/usr/local/sbin"
cp "$files/lab-engine" "$root/usr/local/sbin/lab-engine"
chmod 755 "$root/usr/local/sbin/lab-engine"
