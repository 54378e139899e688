import type { ContainerNames } from '../facts/engineNames';
import type { EngineNetwork } from '../model/engine';
import { table } from './columns';

/** The names that a container resolves, network by network. Hostile text, many lines. */
export interface NamedNetwork {
  /** Of the network as the engine told it last. */
  readonly network: Pick<EngineNetwork, 'id' | 'name' | 'driver' | 'tasks' | 'services' | 'options'>;
  /** Containers of this host on it, the asking one included. */
  readonly containers: readonly ContainerNames[];
  /** How many more there are, whose names were not read. */
  readonly more: number;
}

/** `com.docker.network.bridge.default_bridge`: the one network without names (Docker's "Networking overview"). */
const defaultBridge = 'com.docker.network.bridge.default_bridge';

/** What a container resolves on one network. Hostile text. */
export interface NamesReport {
  readonly network: string;
  readonly driver: string;
  /** False on the default bridge, where only legacy links are names. */
  readonly named: boolean;
  readonly names: readonly { readonly name: string; /** More than one is joined by blanks. */ readonly address: string; readonly what: string }[];
  /** Containers whose names were not read. */
  readonly more: number;
}

export function dnsNames(own: ContainerNames, networks: readonly NamedNetwork[]): NamesReport[] {
  return tellOnSeveral(networks.filter(({ network }) => network.driver !== 'null' && network.driver !== 'host').map(({ network, containers, more }) => {
    const report = (named: boolean, rows: readonly (readonly string[])[]): NamesReport => ({ network: network.name, driver: network.driver, named, names: rows.map(([name = '', address = '', what = '']) => ({ name, address, what })), more: named ? more : 0 });
    if (network.options[defaultBridge] === 'true') {
      return report(false, own.links.map(({ container, alias }) => [alias, '', container === alias ? 'legacy link' : `legacy link to ${container}`]));
    }
    // The engine's DNS gives a container its own name, too.
    const all = [own, ...containers.filter(({ id }) => id !== own.id)];
    const rows = all.flatMap(({ id, name, networks: attached }) => attached.filter(({ networkId }) => networkId === network.id).flatMap(({ addresses, aliases }) => [[name, addresses.join(' '), id === own.id ? 'this container' : 'container'], ...aliases.map((alias) => [alias, addresses.join(' '), `alias of ${name}`])]));
    const links = own.networks.filter(({ networkId }) => networkId === network.id).flatMap((attached) => attached.links.map(({ container, alias }) => [alias, '', `link to ${container}`]));
    const tasks = network.tasks.map(({ service, name, ip, hostAddress }) => [name, ip.split('/')[0] ?? ip, `task of ${service === '' ? 'no service' : service} on ${hostAddress}`]);
    const services = [...new Set(network.tasks.map(({ service }) => service))].filter((service) => service !== '').flatMap((service) => [serviceRow(service, network), [`tasks.${service}`, '', 'the addresses of all of its tasks']]);
    return report(true, [...rows, ...links, ...services, ...tasks]);
  }));
}

/** The engine's DNS asks the container's networks in an order of its own, and the first one that knows a name answers (libnetwork's resolver). */
function tellOnSeveral(reports: readonly NamesReport[]): NamesReport[] {
  return reports.map((report) => ({
    ...report,
    names: report.names.map((row) => {
      const others = reports.filter(({ network, named, names }) => named && network !== report.network && names.some(({ name, address }) => name === row.name && address !== row.address));
      return !report.named || others.length === 0 ? row : { ...row, what: `${row.what}; also on ${others.map(({ network }) => network).join(', ')}, and the engine answers for one of them` };
    }),
  }));
}

function serviceRow(service: string, { services }: NamedNetwork['network']): readonly string[] {
  const known = services?.find(({ name }) => name === service);
  if (known?.virtualAddress !== undefined) return [service, known.virtualAddress, 'service: its virtual address'];
  return [service, '', known === undefined ? 'service: its virtual address, or its tasks\' with endpoint mode dnsrr' : 'service: the addresses of its tasks (endpoint mode dnsrr)'];
}

/** Podman gives a network's names at the network's own gateway, and by a program that may not be there. */
const notes = {
  docker: '# By the engine\'s own DNS, at 127.0.0.11 in the container. What it does not know is asked of the servers of the host\'s resolv.conf.',
  podman: '# By Podman\'s DNS at the network\'s gateway, where it is installed: aardvark-dns, or CNI\'s plug-in dnsname. Its default network gives no names.',
};

/** For a person. Many lines. */
export function dnsNamesText(own: ContainerNames, networks: readonly NamedNetwork[], engine: keyof typeof notes = 'docker'): string {
  const parts = dnsNames(own, networks).map(({ network, driver, named, names, more }) => {
    const head = `# ${network} (${driver})`;
    if (!named) return [head, 'The default bridge gives no names.', ...(names.length === 0 ? [] : table(['NAME', 'WHAT'], names.map(({ name, what }) => [name, what])))].join('\n');
    const all = names.map(({ name, address, what }) => [name, address, what]);
    return [head, ...(all.length === 0 ? ['No name can be looked up on it.'] : table(['NAME', 'ADDRESS', 'WHAT'], all)), ...(more === 0 ? [] : [`and ${String(more)} more containers, whose names were not read`])].join('\n');
  });
  // Neither the default bridge nor `none` and `host` have a server of the engine's.
  const served = networks.some(({ network }) => network.options[defaultBridge] !== 'true' && network.driver !== 'null' && network.driver !== 'host');
  return `${[...(served ? [notes[engine]] : []), ...(parts.length === 0 ? ['It is on no network of the engine, and resolves what its resolv.conf and hosts say.'] : parts)].join('\n\n')}\n`;
}
