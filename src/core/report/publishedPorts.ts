import type { Container } from '../model/topology';

/** What serves published ports on a host, as it was read. */
export interface PortServers {
  /** `iptables-save -c -t nat`, and `ip6tables-save` likewise; undefined where the tool is missing or refused, with its words in `faults`. */
  readonly rules?: string;
  readonly rules6?: string;
  /** Processes of docker's userland proxy. */
  readonly proxies: readonly { readonly pid: number; readonly argv: readonly string[] }[];
  /** Sentences. Hostile text. */
  readonly faults: readonly string[];
}

/** Each published port of the containers beside the DNAT rule and the proxy that serve it, with the rows themselves; what is missing is said. Hostile text, many lines. */
export function publishedPortsText(containers: readonly Container[], servers: PortServers): string {
  const parts = containers.map((container) => containerText(container, servers));
  return `${[...servers.faults.map((fault) => `# ${fault}`), ...parts].join('\n\n')}\n`;
}

function containerText({ name, engine, running }: Container, servers: PortServers): string {
  const ports = engine.ports.filter(({ publicPort }) => publicPort !== undefined);
  const addresses = engine.networks.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]).flatMap((address) => (address === undefined || address === '' ? [] : [bare(address)]));
  const head = `# ${name}${addresses.length === 0 ? '' : ` (${addresses.join(', ')})`}`;
  if (ports.length === 0) return `${head}\n${running ? 'publishes no port' : 'does not run, and publishes no port now'}`;
  return [head, ...ports.map((port) => portText(port, addresses, servers))].join('\n');
}

function portText({ ip, publicPort = 0, privatePort, type }: Container['engine']['ports'][number], addresses: readonly string[], { rules, rules6, proxies }: PortServers): string {
  const six = ip?.includes(':') === true;
  const own = addresses.filter((address) => address.includes(':') === six);
  const text = six ? rules6 : rules;
  const rows = (text ?? '').split('\n').filter((row) => leadsTo(row, type, ip, publicPort, privatePort, own));
  const serving = proxies.filter(({ argv }) => isProxyOf(argv, type, ip, publicPort));
  return [
    `${ip === undefined || ip === '' ? '*' : six ? `[${ip}]` : ip}:${String(publicPort)} → ${String(privatePort)}/${type}`,
    ...(rows.length > 0 ? rows.map((row) => `  rule   ${row}`) : text === undefined ? ['  rule   not read'] : [`  rule   none: no DNAT rule of table nat sends ${type} port ${String(publicPort)} to ${own.map((address) => `${address}:${String(privatePort)}`).join(' or ') || 'the container'}`]),
    ...(serving.length > 0 ? serving.map(({ pid, argv }) => `  proxy  ${String(pid)} ${argv.join(' ')}`) : ['  proxy  none: no docker-proxy serves it (the engine may run with userland-proxy off)']),
  ].join('\n');
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
