const hostOptions = `  --host ADDRESS       local, ssh://[user@]host[:port], an alias of the SSH configuration, or
                       file:PATH of a saved snapshot. May be repeated. Default on Linux: local
  --ssh-config FILE    in place of ~/.ssh/config
  --known-hosts FILE   in place of the SSH configuration's known_hosts files
  --ssh-client CLIENT  builtin, openssh (the system's ssh), or auto (default): the built-in one wherever it
                       can do what the SSH configuration asks for
  --timeout SECONDS    for reading each host (default 30)
  --sources LIST       look for namespaces in more places, which takes longer: fds, threads, or both with a comma
  -v, --verbose        say on standard error what is done to connect
  -h, --help`;

export const mainHelp = `Usage: netns-explorer VERB [OPTIONS]

Shows the network namespaces, container networks and containers of Linux hosts, enters them and draws them.
Nothing is installed on a host, and reading changes nothing there.

Verbs:
  scan       read hosts and print what is there
  diagram    draw a network across the hosts, a whole host, or what is around a container
  enter      open a shell, or run a command, in a network namespace
"netns-explorer VERB --help" tells more.
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

Opens a shell in a network namespace, with the host's tools and files, or runs COMMAND there. /sys shows that
namespace, and in a container's resolv.conf and hosts are the container's. Takes root on the host, by login or sudo.

TARGET is a container's name or id, a network's name, a namespace's path or file name, its inode, or "root".
container:NAME and network:NAME say which kind is meant. Where several fit, they are listed and nothing is entered.

  --ip-netns           enter as "ip netns exec" does, by a name in /var/run/netns that is removed afterwards
${hostOptions}

Exit status: that of the shell or COMMAND; 2 where the namespace was not found or not entered.
`;
