import type { DearSource, Holder, HostFacts, NamespaceKey, TunHolder } from '../model/snapshot';

export interface Holders {
  /** The sources that were looked into. */
  readonly sources: readonly DearSource[];
  readonly held: ReadonlyMap<NamespaceKey, { readonly descriptors?: readonly Holder[]; readonly threads?: readonly Holder[] }>;
  readonly tuns: NonNullable<HostFacts['tuns']>;
}

/**
 * Reads the probe's frames "holders SOURCE": lines "fd KEY PID FD", "thread KEY PID TID" and "tun KEY PID NAME"
 * (`iff:` of /proc/PID/fdinfo, tun_chr_show_fdinfo in drivers/net/tun.c). One process may hold a device by several descriptors.
 */
export function readHolders(frames: readonly { readonly kind: string; readonly words: readonly string[]; readonly body: string }[], commOf: (pid: number) => string | undefined): Holders {
  const sources: DearSource[] = [];
  const held = new Map<NamespaceKey, { descriptors?: Holder[]; threads?: Holder[] }>();
  const tuns = new Map<string, TunHolder>();
  for (const { words, body } of frames.filter(({ kind }) => kind === 'holders')) {
    const [source] = words;
    if (source !== 'fds' && source !== 'threads') continue;
    sources.push(source);
    for (const line of body.split('\n')) {
      const [, kind, key = '', pid, id] = /^(fd|thread) (\d+:\d+) (\d+) (\d+)$/.exec(line) ?? [];
      const tun = /^tun (\d+:\d+|-) (\d+) (.+)$/.exec(line);
      if (tun?.[1] !== undefined && tun[3] !== undefined) tuns.set(line, { ...named(Number(tun[2])), name: tun[3], ...(tun[1] !== '-' && { namespace: tun[1] }) });
      if (kind === undefined) continue;
      const holders = held.get(key) ?? {};
      held.set(key, holders);
      (holders[kind === 'fd' ? 'descriptors' : 'threads'] ??= []).push({ ...named(Number(pid)), id: Number(id) });
    }
  }
  return { sources, held, tuns: [...tuns.values()] };

  function named(pid: number): { readonly pid: number; readonly comm?: string } {
    const comm = commOf(pid);
    return comm === undefined ? { pid } : { pid, comm };
  }
}
