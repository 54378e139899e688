/** A port of a container or service, as its engine tells it. Hostile text. */
export interface PortMapping {
  /** Absent or empty: all addresses. */
  readonly ip?: string | undefined;
  /** Absent: not published. */
  readonly publicPort?: number | undefined;
  readonly privatePort: number;
  /** tcp, udp or sctp; absent: not told. */
  readonly type?: string | undefined;
}

/** `0.0.0.0:8080 → 80/tcp`, `[::]:8080 → 80/tcp` (RFC 3986, section 3.2.2), `*:8080 → 80/tcp` for all addresses; of a port that is not published `80/tcp`. */
export function portNotation({ ip, publicPort, privatePort, type }: PortMapping): string {
  const inside = `${String(privatePort)}${type === undefined ? '' : `/${type}`}`;
  if (publicPort === undefined) return inside;
  const address = ip === undefined || ip === '' ? '*' : ip.includes(':') ? `[${ip}]` : ip;
  return `${address}:${String(publicPort)} → ${inside}`;
}
