import { ingressDnatRows, markRows, type IngressRules } from '../facts/ingress';
import { nftRowsTo, type NftRules } from '../facts/nftRules';
import type { Container, HostNode } from '../model/topology';
import { portNotation } from './portNotation';

/** What serves published ports on a host, as it was read. */
export interface PortServers {
  /** `iptables-save -c -t nat`, and `ip6tables-save` likewise; undefined where the tool is missing or refused, with its words in `faults`. */
  readonly rules?: string;
  readonly rules6?: string;
  /** Rules of nft itself; undefined where they were not read. */
  readonly nft?: NftRules;
  /** Processes of docker's userland proxy. */
  readonly proxies: readonly PortProxy[];
  /** Of the swarm's ingress, where the host has its sandbox. */
  readonly ingress?: IngressRules;
  /** Sentences. Hostile text. */
  readonly faults: readonly string[];
}

export interface PortProxy {
  readonly pid: number;
  readonly argv: readonly string[];
}

/** Published ports of a host beside what serves each, with the rows themselves. Hostile text. */
export interface PortsReport {
  readonly containers: readonly PublishingContainer[];
  readonly services: readonly PublishingService[];
  readonly faults: readonly string[];
}

export interface PublishingContainer {
  readonly name: string;
  readonly id: string;
  readonly running: boolean;
  readonly addresses: readonly string[];
  readonly ports: readonly {
    /** Absent: all addresses. */
    readonly ip?: string;
    readonly publicPort: number;
    readonly privatePort: number;
    readonly type: string;
    /** Absent: rules were not read. */
    readonly rules?: readonly string[];
    readonly proxies: readonly PortProxy[];
  }[];
}

/** A service whose ports every node of the swarm serves. */
export interface PublishingService {
  readonly name: string;
  /** On the ingress network. */
  readonly virtualAddress?: string;
  /** The firewall mark that this node has for it there. */
  readonly mark?: number;
  readonly ports: readonly {
    readonly publicPort: number;
    readonly privatePort: number;
    /** Where a manager told it. */
    readonly type?: string;
    /** Of chain DOCKER-INGRESS. Absent: not read. */
    readonly rules?: readonly string[];
    /** In the ingress sandbox. Absent: not read. */
    readonly marks?: readonly string[];
    /** What IPVS has for the mark; absent: not read. */
    readonly balanced?: readonly string[];
  }[];
  readonly tasks: readonly { readonly name: string; readonly ip: string; readonly hostAddress: string }[];
}

/** `addressesOf`: those of a container beyond its record, which leaves out docker_gwbridge, where what an overlay's container publishes leads to. */
export function publishedPorts(containers: readonly Container[], services: readonly IngressService[], servers: PortServers, addressesOf: (container: Container) => readonly string[] = () => []): PortsReport {
  return {
    containers: containers.map((container) => ofContainer(container, servers, addressesOf(container))),
    services: services.map((service) => ofService(service, servers)),
    faults: [...servers.faults, ...(services.length > 0 ? (servers.ingress?.faults ?? []) : [])],
  };
}

function ofContainer({ name, engine, running }: Container, servers: PortServers, more: readonly string[]): PublishingContainer {
  const recorded = engine.networks.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]).flatMap((address) => (address === undefined || address === '' ? [] : [bare(address)]));
  const addresses = [...new Set([...recorded, ...more])];
  return {
    name,
    id: engine.id,
    running,
    addresses,
    ports: engine.ports.flatMap(({ ip, publicPort, privatePort, type }) => {
      if (publicPort === undefined) return [];
      const six = ip?.includes(':') === true;
      const own = addresses.filter((address) => address.includes(':') === six);
      const text = six ? servers.rules6 : servers.rules;
      const rows = (text ?? '').split('\n').filter((row) => leadsTo(row, type, ip, publicPort, privatePort, own));
      const all = [...rows, ...(servers.nft === undefined ? [] : nftRowsTo(servers.nft, { type, ip, publicPort, privatePort, addresses: own }))];
      return [
        {
          ...(ip !== undefined && ip !== '' && { ip }),
          publicPort,
          privatePort,
          type,
          ...((text !== undefined || servers.nft !== undefined) && { rules: all }),
          proxies: servers.proxies.filter(({ argv }) => isProxyOf(argv, type, ip, publicPort)),
        },
      ];
    }),
  };
}

/** A service of the ingress network, by what this node knows and, of a manager, what its swarm tells. */
export interface IngressService {
  readonly name: string;
  readonly virtualAddress?: string;
  readonly mark?: number;
  readonly ports: readonly { readonly publicPort: number; readonly privatePort: number; readonly type?: string }[];
  readonly tasks: PublishingService['tasks'];
}

/** Services whose ports the swarm's ingress serves on this host. */
export function ingressServices({ networks, swarm }: HostNode): IngressService[] {
  const ingress = networks.find(({ engine }) => engine.ingress)?.engine;
  const here = new Map((ingress?.services ?? []).map((service) => [service.name, service]));
  const told = new Map((swarm?.services ?? []).map(({ service }) => [service.name, service]));
  return [...new Set([...here.keys(), ...told.keys()])].sort().flatMap((name) => {
    const own = here.get(name);
    const ports =
      told.get(name)?.ports.flatMap(({ publishMode, publishedPort, targetPort, protocol }) => (publishMode === 'ingress' && publishedPort !== undefined ? [{ publicPort: publishedPort, privatePort: targetPort, type: protocol }] : [])) ??
      (own?.ports ?? []).flatMap((text) => {
        const [, target, published] = /^Target: (\d+), Publish: (\d+)$/.exec(text) ?? [];
        return target === undefined || published === undefined ? [] : [{ publicPort: Number(published), privatePort: Number(target) }];
      });
    if (ports.length === 0) return [];
    const tasks = (ingress?.tasks ?? []).filter(({ service }) => service === name).map(({ name: of, ip, hostAddress }) => ({ name: of, ip: bare(ip), hostAddress }));
    return [{ name, ...(own?.virtualAddress !== undefined && { virtualAddress: own.virtualAddress }), ...(own?.mark !== undefined && { mark: own.mark }), ports, tasks }];
  });
}

function ofService({ name, virtualAddress, mark, ports, tasks }: IngressService, { rules, ingress }: PortServers): PublishingService {
  return {
    name,
    ...(virtualAddress !== undefined && { virtualAddress }),
    ...(mark !== undefined && { mark }),
    ports: ports.map((port) => {
      const marks = ingress?.rules === undefined ? undefined : markRows(ingress.rules, port.publicPort, port.type);
      const known = [...new Set([...(marks ?? []).map((each) => each.mark), ...(marks === undefined && mark !== undefined ? [mark] : [])])];
      return {
        ...port,
        ...(rules !== undefined && { rules: ingressDnatRows(rules, port.publicPort, port.type) }),
        ...(marks && { marks: marks.map(({ row }) => row) }),
        ...(ingress?.balanced && { balanced: ingress.balanced.filter((service) => known.includes(service.mark)).flatMap((service) => (service.servers.length === 0 ? [`FWM ${String(service.mark)} ${service.scheduler}, no server`] : service.servers.map((server) => `FWM ${String(service.mark)} ${service.scheduler} -> ${server}`))) }),
      };
    }),
    tasks,
  };
}

/** For a person: each port, what serves it, and what is missing. Many lines. */
export function publishedPortsText({ containers, services, faults }: PortsReport): string {
  return `${[...faults.map((fault) => `# ${fault}`), ...containers.map(containerText), ...services.map(serviceText)].join('\n\n')}\n`;
}

function containerText({ name, addresses, running, ports }: PublishingContainer): string {
  const head = `# ${name}${addresses.length === 0 ? '' : ` (${addresses.join(', ')})`}`;
  if (ports.length === 0) return `${head}\n${running ? 'publishes no port' : 'does not run, and publishes no port now'}`;
  return [head, ...ports.map((port) => portText(port, addresses))].join('\n');
}

function portText({ ip, publicPort, privatePort, type, rules, proxies }: PublishingContainer['ports'][number], addresses: readonly string[]): string {
  const six = ip?.includes(':') === true;
  const own = addresses.filter((address) => address.includes(':') === six);
  return [
    portNotation({ ip, publicPort, privatePort, type }),
    ...told('rule ', rules, `no DNAT rule of table nat sends ${type} port ${String(publicPort)} to ${own.map((address) => `${address}:${String(privatePort)}`).join(' or ') || 'the container'}`),
    ...told('proxy', proxies.map(({ pid, argv }) => `${String(pid)} ${argv.join(' ')}`), 'no docker-proxy serves it (the engine may run with userland-proxy off)'),
  ].join('\n');
}

function serviceText({ name, virtualAddress, mark, ports, tasks }: PublishingService): string {
  return [
    `# service ${name}${virtualAddress === undefined ? '' : ` (${virtualAddress} on the ingress network)`}`,
    ...ports.flatMap(({ publicPort, privatePort, type, rules, marks, balanced }) => [
      `${portNotation({ publicPort, privatePort, type })} on every node of the swarm`,
      ...told('rule ', rules, `no rule of chain DOCKER-INGRESS sends port ${String(publicPort)} to the ingress sandbox: this node does not serve it`),
      ...told('mark ', marks, `no rule of the ingress sandbox marks port ${String(publicPort)}${mark === undefined ? '' : ` (the engine's mark for it is ${String(mark)}, ${hex(mark)})`}`),
      ...told('ipvs ', balanced, 'no service of IPVS has that mark: nothing is balanced to the tasks'),
    ]),
    ...tasks.map((task) => `  task   ${task.name} ${task.ip} on ${task.hostAddress}`),
  ].join('\n');
}

const hex = (mark: number): string => `0x${mark.toString(16)}`;

function told(word: string, rows: readonly string[] | undefined, none: string): string[] {
  if (rows === undefined) return [`  ${word}  not read`];
  return rows.length > 0 ? rows.map((row) => `  ${word}  ${row}`) : [`  ${word}  none: ${none}`];
}

/** `[12:720] -A DOCKER ! -i br-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.28.0.11:80` (iptables-save(8)). */
function leadsTo(row: string, type: string, ip: string | undefined, publicPort: number, privatePort: number, addresses: readonly string[]): boolean {
  if (!row.includes(' -j DNAT ') || !row.includes(` -p ${type} `) || !row.includes(` --dport ${String(publicPort)} `)) return false;
  // A port that is published on one address has that in its rule; a rule for another address serves another publication.
  const only = / -d (\S+?)(?:\/(?:32|128))? /.exec(row)?.[1];
  if (only !== undefined && only !== ip) return false;
  const target = / --to-destination (\S+)/.exec(row)?.[1];
  return addresses.some((address) => target === `${address.includes(':') ? `[${address}]` : address}:${String(privatePort)}`);
}

function isProxyOf(argv: readonly string[], type: string, ip: string | undefined, publicPort: number): boolean {
  const value = (option: string): string | undefined => argv[argv.indexOf(option) + 1];
  return argv.includes('-host-port') && value('-proto') === type && value('-host-port') === String(publicPort) && (ip === undefined || ip === '' || value('-host-ip') === ip);
}

function bare(address: string): string {
  return address.split('/')[0] ?? address;
}
