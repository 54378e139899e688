const hostOptions = `  --host ADDRESS       local, ssh://[user@]host[:port], an alias of the SSH configuration,
                       docker://CONTEXT (the engine of a Docker context),
                       file:PATH of a saved snapshot, or a host inside another one, as its scan names it:
                       nested:container=NAME@HOST, nested:cgroup=PATH@HOST or nested:PID.STARTTIME@HOST.
                       May be repeated. Default on Linux: local
  --from SOURCE        hosts of an Ansible inventory, of a Vagrantfile's folder, of what "vagrant ssh-config" printed
                       (a file each), or docker-contexts: all of them, or those that --host names. May be repeated
  --ssh-config FILE    in place of ~/.ssh/config
  --known-hosts FILE   in place of the SSH configuration's known_hosts files
  --ssh-client CLIENT  builtin, openssh (the system's ssh), or auto (default): the built-in one wherever it
                       can do what the SSH configuration asks for
  --helper             run a helper container on the machine behind docker://CONTEXT, as root with its processes and
                       network, and read namespaces by it; removed afterwards
  --helper-image IMAGE of that container (default alpine:3); it must be on the engine
  --timeout SECONDS    for connecting to each host, and again for reading it (default 30)
  --sources LIST       look for namespaces in more places, which takes longer: fds, threads, or both with a comma
  -v, --verbose        say on standard error what is done to connect
  -h, --help`;

export const mainHelp = `Usage: netns-explorer VERB [OPTIONS]

Shows the network namespaces, container networks and containers of Linux hosts, enters them and draws them.
Nothing is installed on a host, and reading changes nothing there; only "plan … --apply" and "--undo" do.

Verbs:
  scan       read hosts and print what is there
  diagram    draw a network across the hosts, a whole host, or what is around a container
  enter      open a shell, or run a command, in a network namespace
  store      print the key-value store that overlays are kept in: etcd, Consul
  ports      published ports, beside the rule and the proxy that serve each
  names      the names that a container resolves
  settings   how an engine was started and configured
  hosts      list the hosts that an inventory, Vagrant or Docker contexts name
  plan       plan tunnels, wiring, bridges and rules; apply, verify, undo them
"netns-explorer VERB --help" tells more; "netns-explorer --version" prints the version.
`;

export const scanHelp = `Usage: netns-explorer scan [--json] [OPTIONS]

Reads hosts and prints their networks, namespaces and containers.

  --json               print the snapshot as JSON: one object for one --host, else an array.
                       One object, saved, can be read again with --host file:PATH
  --output FILE        write there instead of to standard output
${hostOptions}

Exit status: 0 everything was read; 1 something could not be read (told on standard error, the rest is printed);
2 nothing could be read.
`;

export const diagramHelp = `Usage: netns-explorer diagram (--network NAME | --on HOST | --container NAME) [--format FORMAT] [OPTIONS]

Draws a network on all the hosts that have it, a whole host, or what is around a container.

  --network NAME       name or id of the network
  --on HOST            everything on this host: its address, host name or the name that it was given
  --container NAME     what is around this container, or another namespace, named as for "enter"
  --all                show what would be folded: many containers on one bridge, empty namespaces
  --format FORMAT      svg, mermaid, dot or text (default)
  --theme THEME        of an SVG: light, dark, or auto (default), which follows the viewer
  --output FILE        write there instead of to standard output
${hostOptions}

Exit status: 0 drawn; 1 drawn, but something could not be read (told on standard error); 2 not drawn.
`;

export const enterHelp = `Usage: netns-explorer enter [OPTIONS] TARGET [-- COMMAND…]
       netns-explorer enter --ip-netns [OPTIONS] TARGET

Opens a shell in a network namespace, with the host's tools and files, or runs COMMAND there. /sys shows that
namespace, and in a container's resolv.conf and hosts are the container's. Takes root on the host, by login or sudo.

TARGET is a container's name or id, a network's name, a namespace's path or file name, its inode, or "root".
container:NAME, network:NAME, name:NAME, inode:NUMBER and root: say which kind is meant. Names are typed as they are
shown. Where several fit, nothing is entered, and what to type for each is listed.

  --ip-netns           open a shell as "ip netns exec" does, by a name in /var/run/netns that is removed afterwards
${hostOptions}

Exit status: that of the shell or COMMAND; 2 where the namespace was not found or not entered.
`;

export const storeHelp = `Usage: netns-explorer store [PREFIX] [--url URL] [--json] [OPTIONS]

Prints the records of the key-value stores that a host's engine (--cluster-store) and flanneld use, or that listen there, and what each is:
etcd v2 and v3, and Consul, read through the host. With PREFIX only what is under it; where that is one key, its value too, JSON decoded.
Nothing is written. ZooKeeper and encrypted stores are not read.

  --url URL            this store in place of those that are found: etcd://HOST:PORT, etcd3://HOST:PORT,
                       consul://HOST:PORT, as the host reaches it. May be repeated
  --json               print them as JSON: for each host its stores, their records and what could not be read
  --output FILE        write there instead of to standard output
${hostOptions}

Exit status: 0 everything was read; 1 something could not be read (told on standard error, the rest is printed);
2 nothing could be read.
`;

export const hostsHelp = `Usage: netns-explorer hosts --from SOURCE [--json] [OPTIONS]

Lists the hosts that a source names, with address, key and groups, and says what is left out and why. Connects to none.
Every other verb takes --from, too: all of the source's hosts, or those whose names --host gives.

  --from SOURCE        a path, or ansible:FILE (INI, YAML, JSON), vagrant:FOLDER, vagrant-config:FILE (what
                       "vagrant ssh-config" printed), docker-contexts. May be repeated
  --run-vagrant        run "vagrant ssh-config" in vagrant:FOLDER, which executes the Vagrantfile
  --json               print an array: address, name, keyFile, groups, source
  --output FILE        write there instead of to standard output
  -h, --help

Exit status: 0 all hosts are listed; 1 something is left out; 2 there is no host.
`;

const reportOptions = `  --json               print an object, or of several hosts an array
  --output FILE        write there instead of to standard output
${hostOptions}`;

const reportStatus = `Exit status: 0 printed; 1 printed, but something could not be read; 2 not printed.
`;

export const portsHelp = `Usage: netns-explorer ports [CONTAINER] [OPTIONS]

Prints the published ports of running containers, or of one, each beside the DNAT rule (of iptables, or of nft) and the
userland proxy that serve it, with counters, or without one; of a swarm's services the rule of DOCKER-INGRESS, and the
mark and IPVS service in the ingress sandbox. CONTAINER is a name, an id, or six characters of one at least.

${reportOptions}

${reportStatus}`;

export const namesHelp = `Usage: netns-explorer names CONTAINER [OPTIONS]

Prints the names that a container resolves by the engine's own DNS, network by network: containers, aliases, links,
services and tasks. CONTAINER is a name, an id, or six characters of one at least.

${reportOptions}

${reportStatus}`;

export const settingsHelp = `Usage: netns-explorer settings [OPTIONS]

Prints a Docker engine's settings, each with where it comes from: the command line, the file, or the default.
Secrets are left out. A host without a Docker engine is told, and makes the exit status 1.

${reportOptions}

${reportStatus}`;

export const planHelp = `Usage: netns-explorer plan KIND --host A --host B [--apply | --undo | --verify | --script | --export TOOL] [OPTIONS]

Plans a change of one host, or a tunnel between two, and prints the plan: what must hold and whether it does, the commands of each host, how they are undone.

  gre, gretap, ipip, vxlan, geneve   a tunnel; what is given twice is for the hosts in their order
  wire           --container NAME and one of --bridge, --ovs-bridge, --parent NAME [--address PREFIX] [--gateway ADDRESS] [--mac MAC] [--name NAME] [--vlan TAG] [--mtu BYTES]
  unwire         --container NAME [--name NAME]: take from it what a plan has wired into it
  bridge         --name NAME [--address PREFIX] [--stp] [--vlan-filtering]
  bridge-delete  --name NAME
  port           --bridge NAME --device NAME
  port-remove    --device NAME
  vlan           --device PORT --vlan TAG [--from TAG]
  nat            --subnet PREFIX [--device NAME] [--nft]: let a subnet out; by nft where there is no iptables, too
  forwarding     have the host forward packets
  expose         --container NAME --name NAME: a name for "ip netns"
  docker0        --bip PREFIX [--fixed-cidr PREFIX] [--file PATH] [--restart-engine]: the subnet of docker0, in daemon.json; the plan names the containers that a restart stops
  ovs-gre, ovs-vxlan, ovs-geneve     tunnel ports on Open vSwitch bridges of two hosts: --bridge BR [--datapath system|netdev to make it]
                 [--underlay, --address twice] [--key NUMBER] [--name NAME]
  ovs-experiment --kind docker-bridge|direct|direct-vlan --bridge BR --datapath TYPE --container N:NAME=PREFIX[,TAG] … [--under docker0] [--tunnel gre] [--out [--nft]]
  ovs-bridge     --name BR [--datapath system|netdev] [--address PREFIX] [--stp]
  ovs-port       --bridge BR --device DEV [--vlan TAG]
  ovs-vlan       --device PORT --vlan TAG [--from TAG]
  ovs-bridge-delete --name BR
  ovs-port-remove --device PORT
  remove         --id ID: what a plan has left its mark on, on these hosts, whoever made it

  --apply              read what must hold again, run the commands, and verify; where one fails, all is undone
  --undo               remove what of the plan is there
  --verify             send traffic both ways, with packets of the full MTU
  --script             print a script for bash for each host, which does the same and undoes it by "undo"
                       each does nothing on a machine of another name, unless NETNS_EXPLORER_HOST names the host
  --export TOOL        print what survives a restart: files for networkd, netplan or ifupdown

For tunnels:
  --remote ADDRESS     in place of the second host: a far end that is not among the hosts
  --underlay ADDRESS   twice: the addresses with which the hosts reach each other (default: the hosts' own)
  --address PREFIX     twice: addresses inside the tunnel (default: a free /30 of 10.213.0.0/16)
  --behind N:PREFIX    a network behind host N (1 or 2) that the other one is to reach; may be repeated
  --bridge NAME        twice: Linux bridges that the device becomes a port of (gretap, vxlan, geneve)
  --key NUMBER         GRE key, or VNI of vxlan and geneve (default 4213)
  --ttl NUMBER         default 64
  --mtu BYTES          default: what the underlay leaves
  --name NAME          of the device, on both hosts
  --forward            let its packets through iptables' FORWARD chain
${hostOptions}

Exit status: 0 as asked; 1 undone after a failure, or traffic does not pass; 2 refused, and nothing was changed.
`;
