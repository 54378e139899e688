#!/bin/sh
# Writes the lab's container image, a root file system as a tar archive, to standard output: busybox, iproute2 and what they
# are linked with. Argument: an empty folder to build it in.
set -eu
root=$1
mkdir -p "$root/bin" "$root/etc" "$root/www" "$root/tmp" "$root/proc" "$root/sys" "$root/dev" "$root/root"
ln -s bin "$root/sbin"
cp "$(command -v busybox)" "$root/bin/busybox"
"$root/bin/busybox" --list | while read -r applet; do
	[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
for program in ip bridge ss; do
	path=$(command -v "$program")
	rm -f "$root/bin/$program"
	cp -L "$path" "$root/bin/$program"
	ldd "$path" | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$root$(dirname "$library")"
		cp -L "$library" "$root$library"
	done
done
echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:' >"$root/etc/group"
echo '<h1>It works</h1>' >"$root/www/index.html"
tar -C "$root" -c .
