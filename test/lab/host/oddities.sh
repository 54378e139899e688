# Runs in a lab host, by bash. Prints "namespaces BASE64" and "interfaces BASE64" for each that the kernel took.
set -eu
tell() { printf '%s %s\n' "$1" "$(printf %s "$2" | base64 -w0)"; }

for name in $'two words' $'it\'s "quoted"' $'new\nline' '$(touch executed)' '<b>bold' $'esc\e[31mred'; do
	ip netns add "$name" && tell namespaces "$name"
done

ip netns add odd
tell namespaces odd
ip -n odd link set lo up
for name in 'a;id' '$(id)' '<b>x' "it's" 'say"hi"' $'esc\e[31m' $'\xff\xfe' '-dash' 'back\slash' '`id`' '%s%n'; do
	if ip -n odd link add name "$name" type bridge 2>/dev/null; then tell interfaces "$name"; fi
done
# One that reaches out, and whose outer end has a hostile name as well.
ip link add name 'v;$(id)' type veth peer name 'inner"x' netns odd
tell interfaces 'inner"x'
ip link set 'v;$(id)' up
ip -n odd link set 'inner"x' up
ip addr add 10.99.0.1/30 dev 'v;$(id)'
ip -n odd addr add 10.99.0.2/30 dev 'inner"x'

# A namespace that has no file: only a process is in it.
setsid unshare --net sleep 2147483646 >/dev/null 2>&1 </dev/null &
