import { PlanRefused, type Plan } from './plan';
import { kindName, tunnelPorts, type TunnelDevice } from './tunnelDevice';
import { typeArguments } from './tunnelSteps';

export const networkTools = ['networkd', 'netplan', 'ifupdown'] as const;
/** What configures a host's network when it starts: systemd-networkd, netplan, or Debian's ifupdown. */
export type NetworkTool = (typeof networkTools)[number];

export interface PersistentFile {
  readonly path: string;
  readonly text: string;
}

/**
 * What survives a restart: files for the host's own network configuration that make what the plan makes. Nothing writes them there; they are shown.
 * Formats: systemd.netdev(5) and systemd.network(5), netplan(5), interfaces(5).
 * @throws PlanRefused for a plan that makes no tunnel on that host, or a device that the tool does not know
 */
export function persistentFiles(plan: Plan, hostId: string, tool: NetworkTool): readonly PersistentFile[] {
  const device = plan.devices?.find((each) => each.hostId === hostId);
  const label = plan.hosts.find((host) => host.hostId === hostId)?.label ?? hostId;
  if (device === undefined) throw new PlanRefused(`This plan makes no device on ${label} that could be written down for its network configuration.`);
  switch (tool) {
    case 'networkd':
      return networkd(device, plan.id);
    case 'netplan':
      return [netplan(device, plan.id)];
    case 'ifupdown':
      return [ifupdown(device, plan.id)];
  }
}

const lines = (...parts: readonly (string | false | readonly string[])[]): string => `${parts.flat().filter((line) => line !== false).join('\n')}\n`;
const head = (id: string, forward: boolean): string[] => [`# Netns Explorer, plan ${id}.`, ...(forward ? ['# The FORWARD rules of the plan are not in here: save them with iptables-persistent, or in the host\'s own rules.'] : [])];

function networkd(device: TunnelDevice, id: string): PersistentFile[] {
  const { name, kind, local, remote, ttl, key, vni, port, bridge, via } = device;
  const section = { gre: 'Tunnel', gretap: 'Tunnel', ipip: 'Tunnel', vxlan: 'VXLAN', geneve: 'GENEVE' }[kind];
  return [
    {
      path: `/etc/systemd/network/50-${name}.netdev`,
      text: lines(
        head(id, device.forward),
        '[NetDev]',
        `Name=${name}`,
        `Kind=${kind}`,
        `MTUBytes=${String(device.mtuBytes)}`,
        '',
        `[${section}]`,
        local !== undefined && `Local=${local}`,
        `Remote=${remote}`,
        ttl !== undefined && `TTL=${String(ttl)}`,
        key !== undefined && `Key=${String(key)}`,
        vni !== undefined && `${kind === 'geneve' ? 'Id' : 'VNI'}=${String(vni)}`,
        (kind === 'vxlan' || kind === 'geneve') && `DestinationPort=${String(port ?? tunnelPorts[kind])}`,
        // What ip-link takes by itself, and networkd does not.
        kind === 'vxlan' && 'UDPChecksum=yes',
        // Otherwise the device is made only with a network that names it; a Geneve device always is by itself.
        kind !== 'geneve' && 'Independent=yes',
      ),
    },
    {
      path: `/etc/systemd/network/50-${name}.network`,
      text: lines(
        head(id, false),
        '[Match]',
        `Name=${name}`,
        '',
        '[Network]',
        'LinkLocalAddressing=no',
        device.addresses.map((address) => `Address=${address}`),
        bridge !== undefined && `Bridge=${bridge}`,
        device.routes.flatMap((network) => ['', '[Route]', `Destination=${network}`, via === undefined ? 'Scope=link' : `Gateway=${via}`]),
      ),
    },
    // networkd makes a port only of a bridge that it has a file for; one that is there it takes as it is.
    ...(bridge === undefined ? [] : [{ path: `/etc/systemd/network/50-${bridge}.netdev`, text: lines(head(id, false), '[NetDev]', `Name=${bridge}`, 'Kind=bridge') }]),
  ];
}

function netplan(device: TunnelDevice, id: string): PersistentFile {
  const { name, kind, local, remote, ttl, key, vni, port, via } = device;
  if (kind === 'geneve') throw new PlanRefused('netplan knows no Geneve device. Take the files for systemd-networkd, which netplan hosts run beneath.');
  const inner = (depth: number, text: string): string => `${'  '.repeat(depth)}${text}`;
  return {
    path: `/etc/netplan/50-${name}.yaml`,
    text: lines(
      head(id, device.forward),
      'network:',
      inner(1, 'version: 2'),
      inner(1, 'tunnels:'),
      inner(2, `${name}:`),
      inner(3, `mode: ${kind}`),
      local !== undefined && inner(3, `local: ${local}`),
      inner(3, `remote: ${remote}`),
      ttl !== undefined && inner(3, `ttl: ${String(ttl)}`),
      key !== undefined && inner(3, `key: ${String(key)}`),
      vni !== undefined && inner(3, `id: ${String(vni)}`),
      kind === 'vxlan' && [inner(3, `port: ${String(port ?? tunnelPorts.vxlan)}`), inner(3, 'checksums: [udp]')],
      inner(3, `mtu: ${String(device.mtuBytes)}`),
      inner(3, 'link-local: []'),
      device.addresses.length > 0 && [inner(3, 'addresses:'), ...device.addresses.map((address) => inner(4, `- ${address}`))],
      device.routes.length > 0 && [inner(3, 'routes:'), ...device.routes.flatMap((network) => [inner(4, `- to: ${network}`), inner(4, via === undefined ? '  scope: link' : `  via: ${via}`)])],
      device.bridge !== undefined && [inner(1, 'bridges:'), inner(2, `${device.bridge}:`), inner(3, `interfaces: [${name}]`)],
    ),
  };
}

function ifupdown(device: TunnelDevice, id: string): PersistentFile {
  const { name } = device;
  const [address, ...more] = device.addresses;
  return {
    path: `/etc/network/interfaces.d/${name}`,
    text: lines(
      head(id, device.forward),
      `# ${kindName(device.kind)} to ${device.remote}`,
      `auto ${name}`,
      `iface ${name} inet ${address === undefined ? 'manual' : 'static'}`,
      address !== undefined && `    address ${address}`,
      `    pre-up ip link add name ${name} mtu ${String(device.mtuBytes)} type ${typeArguments(device).join(' ')}`,
      device.bridge !== undefined && `    pre-up ip link set dev ${name} master ${device.bridge}`,
      address === undefined && `    up ip link set dev ${name} up`,
      more.map((each) => `    up ip addr add ${each} dev ${name}`),
      device.routes.map((network) => `    up ip route add ${network} ${device.via === undefined ? '' : `via ${device.via} `}dev ${name}`),
      `    post-down ip link del dev ${name}`,
    ),
  };
}
