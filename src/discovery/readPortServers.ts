import { dumpCommand } from '../core/command/dump';
import { enterTarget } from '../core/command/enterTarget';
import { parseIpvsMarks, type IngressRules } from '../core/facts/ingress';
import { parseNftRules, type NftRules } from '../core/facts/nftRules';
import type { Container, HostNode, Topology } from '../core/model/topology';
import { ingressServices, publishedPorts, type PortServers, type PortsReport } from '../core/report/publishedPorts';
import type { Transport } from '../host/transport';

const limitMs = 15_000;
/** A ruleset of ten thousand rules, twice. */
const maxBytes = 32 << 20;

/** Of the processes that are called docker-proxy and listen in the namespace that commands run in (a nested engine's listen in its own): pid and arguments, NUL between all, an empty one after each process. */
const proxies = 'for d in /proc/[0-9]*; do read -r c < "$d/comm" 2>/dev/null || continue; [ "$c" = docker-proxy ] || continue; [ "$(readlink "$d/ns/net")" = "$(readlink /proc/self/ns/net)" ] || continue; printf "%s\\0" "${d#/proc/}"; cat "$d/cmdline" 2>/dev/null; printf "\\0"; done';

/** nft's first message would make the kernel load nf_tables: without it there are no rules (see core/command/dumps.ts). */
const ruleset = 'command -v nft >/dev/null || exit 44; [ ! -r /proc/kallsyms ] || grep -qw nft_do_chain /proc/kallsyms || exit 45; nft -j list ruleset && printf "\\0" && nft -a list ruleset';

/**
 * Published ports of a host beside what serves them. `container`: the engine's id of the one that is meant, or "" for every running one that publishes a port;
 * a service's ports are told with any of its tasks. @throws TransportError where the host is not reached
 */
export async function readPublishedPorts(topology: Topology, host: HostNode, container: string, transport: Transport, signal?: AbortSignal): Promise<PortsReport> {
  const containers = host.containers.filter(({ engine, running }) => (container === '' ? running && engine.ports.some(({ publicPort }) => publicPort !== undefined) : engine.id === container));
  const named = new Set(containers.flatMap(({ engine }) => engine.labels['com.docker.swarm.service.name'] ?? []));
  const services = ingressServices(host).filter(({ name }) => container === '' || named.has(name));
  if (containers.length + services.length === 0) return { containers: [], services: [], faults: [] };
  const servers = await readPortServers(transport, signal);
  const addressesOf = ({ endpoints }: Container): readonly string[] => endpoints.flatMap((id) => [topology.endpoint.get(id)?.ipv4, topology.endpoint.get(id)?.ipv6].filter((address) => address !== undefined));
  return publishedPorts(containers, services, services.length === 0 ? servers : { ...servers, ingress: await readIngress(topology, host, transport, signal) }, addressesOf);
}

/** The nat rules with their counters, and the userland proxies, of a host. @throws TransportError where it is not reached */
async function readPortServers(transport: Transport, signal?: AbortSignal): Promise<PortServers> {
  const faults: string[] = [];
  const missing: string[] = [];
  const options = { limitMs, maxBytes, ...(signal !== undefined && { signal }) };
  const rulesOf = async (tool: string): Promise<string | undefined> => {
    const { code, stdout, stderr } = await transport.run({ argv: ['sh', '-c', 'command -v "$1" >/dev/null || exit 44; "$1" -c -t nat', 'sh', tool], privilege: 'root' }, options);
    if (code === 0) return stdout;
    if (code === 44) missing.push(tool);
    else faults.push(`${tool} failed: ${stderr.trim() || `status ${String(code ?? 'unknown')}`}.`);
    return undefined;
  };
  const rules = await rulesOf('iptables-save');
  const rules6 = await rulesOf('ip6tables-save');
  const nft = await readNft(transport, options, faults);
  if (nft === undefined && missing.length > 0) faults.push(`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not installed there, and no rules of nft were read either.`);
  const { stdout } = await transport.run({ argv: ['sh', '-c', proxies], privilege: 'root' }, options);
  return { ...(rules !== undefined && { rules }), ...(rules6 !== undefined && { rules6 }), ...(nft && { nft }), proxies: parseProxies(stdout), faults };
}

/** Rules that nft itself keeps, of hosts without iptables and of engines that write them. Undefined where there is no nft. */
async function readNft(transport: Transport, options: Parameters<Transport['run']>[1], faults: string[]): Promise<NftRules | undefined> {
  const { code, stdout, stderr } = await transport.run({ argv: ['sh', '-c', ruleset], privilege: 'root' }, options);
  if (code === 44) return undefined;
  if (code === 45) return { rules: [], maps: new Map() };
  const cut = stdout.indexOf('\0');
  try {
    if (code === 0 && cut > 0) return parseNftRules(stdout.slice(0, cut), stdout.slice(cut + 1));
    faults.push(`nft failed: ${stderr.trim() || `status ${String(code ?? 'unknown')}`}.`);
  } catch {
    faults.push('nft answered "-j list ruleset" with something that is no JSON: its version may be too old (0.9.1 and newer know it).');
  }
  return undefined;
}

/** Of the swarm's ingress sandbox. */
async function readIngress(topology: Topology, host: HostNode, transport: Transport, signal?: AbortSignal): Promise<IngressRules> {
  const sandbox = host.sandboxes.find(({ role }) => role === 'ingress');
  if (sandbox === undefined) return { faults: ['The sandbox of the swarm\'s ingress was not found on this host: what it marks and balances was not read.'] };
  const command = dumpCommand(enterTarget(topology, sandbox), ['firewall', 'ipvs']);
  const { parts, failure } = command.parse(await transport.run(command, { limitMs, maxBytes, ...(signal !== undefined && { signal }) }));
  const said = (program: string): { readonly text: string; readonly code: number | undefined } | undefined => parts.find(({ argv }) => argv[0] === program);
  const tables = [said('iptables-save'), said('iptables-legacy-save')].flatMap((part) => (part?.code === 0 ? [part.text] : []));
  // ip_vs that is not loaded balances nothing; that is known, and no fault.
  const ipvs = parts.filter(({ dump, text }) => dump === 'ipvs' && text !== '');
  const unloaded = ipvs.some(({ text }) => text.includes('has not loaded ip_vs'));
  const balanced = ipvs.find(({ code }) => code === 0)?.text;
  return {
    ...(tables.length > 0 && { rules: tables.join('\n') }),
    ...(balanced !== undefined ? { balanced: parseIpvsMarks(balanced) } : unloaded && { balanced: [] }),
    faults: [
      ...(failure === undefined ? [] : [failure]),
      ...(unloaded ? ['The kernel of this host has not loaded ip_vs: the swarm\'s ingress can balance nothing here.'] : []),
      ...(tables.length === 0 ? [`The rules of the ingress sandbox were not read: ${(said('iptables-save')?.text ?? 'iptables-save did not answer').trim()}`] : []),
    ],
  };
}

/** Arguments may be empty too, but docker gives its proxy none. */
export function parseProxies(text: string): PortServers['proxies'] {
  return text.split('\0\0').flatMap((entry) => {
    const [pid = '', ...argv] = entry.split('\0').filter((part) => part !== '');
    return /^\d+$/.test(pid) && argv.length > 0 ? [{ pid: Number(pid), argv }] : [];
  });
}
