/** A script for `sh` that makes every kind of device that `ip` can make, with ends at the IPv4 addresses `near` (its own, on eth1) and `far`. */
export const everyDevice = (near, far) => `
set -e
ip link add d0 type dummy
ip link add br7 type bridge vlan_filtering 1 stp_state 1
ip link add v0 type veth peer name v1
ip link set v0 master br7
bridge vlan add dev v0 vid 10 pvid untagged
bridge vlan add dev v0 vid 20-22
bridge vlan del dev br7 vid 1 self
ip link add link eth1 name e.5 type vlan id 5 protocol 802.1ad
ip link add link eth1 name mv type macvlan mode private
ip link add link eth1 name mvt type macvtap mode bridge
ip link add link d0 name ipv type ipvlan mode l3s
ip link add bnd type bond mode active-backup miimon 100
ip link set d0 down
ip link add p0 type dummy
ip link set p0 master bnd
ip link set bnd up
ip tuntap add dev tap9 mode tap user nobody
ip link add vrf5 type vrf table 1005
ip link add wg5 type wireguard
ip link add xf type xfrm dev eth1 if_id 0x2a
ip link add gre5 type gre local ${near} remote ${far} ikey 5 okey 7 ttl 64
ip link add gt type gretap local ${near} remote ${far} key 9
ip link add er type erspan local ${near} remote ${far} key 11 seq erspan_ver 1 erspan 3
ip link add g6 type ip6gre local fd57::1 remote fd57::2
ip link add ii type ipip local ${near} remote ${far}
ip link add s4 type sit local ${near} remote ${far}
ip link add vt type vti local ${near} remote ${far} key 13
ip link add gnv type geneve id 77 remote ${far} dstport 6081
ip link add vx type vxlan id 88 local ${near} remote ${far} dstport 4789
`;
