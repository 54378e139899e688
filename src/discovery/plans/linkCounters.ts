import type { Transport } from '../../host/transport';

/** Of a device since it was made: bytes and packets (rtnetlink IFLA_STATS64). */
export interface LinkCounters {
  readonly received: DirectionCounters;
  readonly sent: DirectionCounters;
}

export interface DirectionCounters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

/** Of a device of the host's own namespace, now. @throws TransportError, or Error with the tool's words */
export async function readLinkCounters(transport: Transport, name: string, signal?: AbortSignal): Promise<LinkCounters> {
  const { code, stdout, stderr } = await transport.run({ argv: ['ip', '-s', '-j', 'link', 'show', 'dev', name], privilege: 'user' }, { limitMs: 3000, ...(signal !== undefined && { signal }) });
  if (code !== 0) throw new Error(stderr.trim() || `ip ended with status ${String(code ?? 'unknown')}`);
  const [record] = JSON.parse(stdout) as { readonly stats64?: { readonly rx?: Partial<DirectionCounters>; readonly tx?: Partial<DirectionCounters> } }[];
  const side = (counters: Partial<DirectionCounters> | undefined): DirectionCounters => ({ bytes: counters?.bytes ?? 0, packets: counters?.packets ?? 0, errors: counters?.errors ?? 0, dropped: counters?.dropped ?? 0 });
  return { received: side(record?.stats64?.rx), sent: side(record?.stats64?.tx) };
}
