import type { PortServers } from '../core/report/publishedPorts';
import type { Transport } from '../host/transport';

const limitMs = 15_000;

/** Of the processes that are called docker-proxy: pid and arguments, NUL between all, an empty one after each process. */
const proxies = 'for d in /proc/[0-9]*; do read -r c < "$d/comm" 2>/dev/null || continue; [ "$c" = docker-proxy ] || continue; printf "%s\\0" "${d#/proc/}"; cat "$d/cmdline" 2>/dev/null; printf "\\0"; done';

/** The nat rules with their counters, and the userland proxies, of a host. @throws TransportError where it is not reached */
export async function readPortServers(transport: Transport, signal?: AbortSignal): Promise<PortServers> {
  const faults: string[] = [];
  const options = { limitMs, ...(signal !== undefined && { signal }) };
  const rulesOf = async (tool: string): Promise<string | undefined> => {
    const { code, stdout, stderr } = await transport.run({ argv: ['sh', '-c', 'command -v "$1" >/dev/null || exit 44; "$1" -c -t nat', 'sh', tool], privilege: 'root' }, options);
    if (code === 0) return stdout;
    faults.push(code === 44 ? `${tool} is not installed there: rules that nft alone keeps are not among what is shown.` : `${tool} failed: ${stderr.trim() || `status ${String(code ?? 'unknown')}`}.`);
    return undefined;
  };
  const rules = await rulesOf('iptables-save');
  const rules6 = await rulesOf('ip6tables-save');
  const { stdout } = await transport.run({ argv: ['sh', '-c', proxies], privilege: 'root' }, options);
  return { ...(rules !== undefined && { rules }), ...(rules6 !== undefined && { rules6 }), proxies: parseProxies(stdout), faults };
}

/** Arguments may be empty too, but docker gives its proxy none. */
export function parseProxies(text: string): PortServers['proxies'] {
  return text.split('\0\0').flatMap((entry) => {
    const [pid = '', ...argv] = entry.split('\0').filter((part) => part !== '');
    return /^\d+$/.test(pid) && argv.length > 0 ? [{ pid: Number(pid), argv }] : [];
  });
}
