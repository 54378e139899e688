import type { ContainerNames } from '../facts/engineNames';
import type { EngineNetwork } from '../model/engine';
import { table } from './columns';

/** The names that a container resolves, network by network. Hostile text, many lines. */
export interface NamedNetwork {
  /** Of the network as the engine told it last. */
  readonly network: Pick<EngineNetwork, 'id' | 'name' | 'driver' | 'tasks' | 'options'>;
  /** Containers of this host on it, the asking one included. */
  readonly containers: readonly ContainerNames[];
  /** How many more there are, whose names were not read. */
  readonly more: number;
}

/** `com.docker.network.bridge.default_bridge`: the one network without names (Docker's "Networking overview"). */
const defaultBridge = 'com.docker.network.bridge.default_bridge';

export function dnsNamesText(own: ContainerNames, networks: readonly NamedNetwork[]): string {
  const parts = networks.map(({ network, containers, more }) => {
    const head = `# ${network.name} (${network.driver})`;
    if (network.options[defaultBridge] === 'true') {
      const links = own.links.map(({ container, alias }) => [alias, container === alias ? 'legacy link' : `legacy link to ${container}`]);
      return [head, 'The default bridge gives no names.', ...(links.length === 0 ? [] : table(['NAME', 'WHAT'], links))].join('\n');
    }
    const others = containers.filter(({ id }) => id !== own.id);
    const rows = others.flatMap(({ name, networks: attached }) => attached.filter(({ networkId }) => networkId === network.id).flatMap(({ addresses, aliases }) => [[name, addresses.join(' '), 'container'], ...aliases.map((alias) => [alias, addresses.join(' '), `alias of ${name}`])]));
    const links = own.networks.filter(({ networkId }) => networkId === network.id).flatMap((attached) => attached.links.map(({ container, alias }) => [alias, '', `link to ${container}`]));
    const tasks = network.tasks.map(({ service, name, ip, hostAddress }) => [name, ip.split('/')[0] ?? ip, `task of ${service === '' ? 'no service' : service} on ${hostAddress}`]);
    const services = [...new Set(network.tasks.map(({ service }) => service))].filter((service) => service !== '').flatMap((service) => [[service, '', 'service: its virtual address, or its tasks\' with endpoint mode dnsrr'], [`tasks.${service}`, '', 'the addresses of all of its tasks']]);
    const all = [...rows, ...links, ...services, ...tasks];
    return [head, ...(all.length === 0 ? ['Nothing else is on it.'] : table(['NAME', 'ADDRESS', 'WHAT'], all)), ...(more === 0 ? [] : [`and ${String(more)} more containers, whose names were not read`])].join('\n');
  });
  const note = '# By the engine\'s own DNS, at 127.0.0.11 in the container. What it does not know is asked of the servers of the host\'s resolv.conf.';
  return `${[note, ...(parts.length === 0 ? ['It is on no network of the engine, and resolves what its resolv.conf and hosts say.'] : parts)].join('\n\n')}\n`;
}
