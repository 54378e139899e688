/*
 * How a swarm's ingress leads a published port to tasks: in the host's nat table a DNAT rule of chain DOCKER-INGRESS; in the ingress sandbox a MARK rule of the
 * mangle table; there IPVS, whose service is that firewall mark (libnetwork, service_linux.go).
 */

/** `iptables-save -c` and IPVS of the ingress sandbox. */
export interface IngressRules {
  /** Undefined: not read, as the sentences say. */
  readonly rules?: string;
  readonly balanced?: readonly IpvsService[];
  /** Sentences. Hostile text. */
  readonly faults: readonly string[];
}

/** A service of IPVS that a firewall mark selects. */
export interface IpvsService {
  readonly mark: number;
  /** rr and the like. */
  readonly scheduler: string;
  /** As IPVS prints them, addresses readable: `10.0.0.5:0 Masq 1 0 0`. */
  readonly servers: readonly string[];
}

/** `-A DOCKER-INGRESS -p tcp -m tcp --dport 8081 -j DNAT --to-destination 172.18.0.2:8081`. Any protocol where none is known. */
export function ingressDnatRows(nat: string, port: number, protocol: string | undefined): string[] {
  return nat.split('\n').filter((row) => row.includes(' DOCKER-INGRESS ') && row.includes(' -j DNAT ') && isFor(row, port, protocol));
}

/** `-A PREROUTING -p tcp -m tcp --dport 8081 -j MARK --set-xmark 0x103/0xffffffff`, each with its mark. */
export function markRows(rules: string, port: number, protocol: string | undefined): { readonly row: string; readonly mark: number }[] {
  return rules.split('\n').flatMap((row) => {
    const mark = / -j MARK --set-x?mark (0x[0-9a-f]+|\d+)/i.exec(row)?.[1];
    return mark !== undefined && isFor(row, port, protocol) ? [{ row, mark: Number(mark) }] : [];
  });
}

function isFor(row: string, port: number, protocol: string | undefined): boolean {
  return / --dport (\d+)(?: |$)/.exec(row)?.[1] === String(port) && (protocol === undefined || row.includes(` -p ${protocol} `));
}

/** Marks of `ipvsadm -L -n` (decimal), or of /proc/net/ip_vs, where they and addresses are hexadecimal (ip_vs_info_seq_show in net/netfilter/ipvs/ip_vs_ctl.c). */
export function parseIpvsMarks(text: string): IpvsService[] {
  const services: { mark: number; scheduler: string; servers: string[] }[] = [];
  let open = false;
  for (const line of text.split('\n')) {
    const [, mark = '', scheduler = ''] = /^FWM\s+(\S+)(?:\s+IPv6)?\s+(\S+)/.exec(line) ?? [];
    const server = /^\s+->\s+(\S.*\S)\s*$/.exec(line)?.[1];
    if (mark !== '') {
      // The kernel's own has eight digits, whatever the number.
      services.push({ mark: /^[0-9A-Fa-f]{8}$/.test(mark) ? parseInt(mark, 16) : Number(mark), scheduler, servers: [] });
      open = true;
    } else if (/^(TCP|UDP|SCTP)\s/.test(line)) open = false;
    else if (open && server !== undefined && !server.startsWith('RemoteAddress')) services.at(-1)?.servers.push(readable(server.replace(/\s+/g, ' ')));
  }
  return services;
}

/** `0A000005:0000 Masq …` → `10.0.0.5:0 Masq …` */
function readable(server: string): string {
  return server.replace(/^([0-9A-F]{8}):([0-9A-F]{4})(?= )/, (_, address: string, port: string) => `${(address.match(/../g) ?? []).map((byte) => parseInt(byte, 16)).join('.')}:${String(parseInt(port, 16))}`);
}
