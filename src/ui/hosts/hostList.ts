import * as vscode from 'vscode';
import { formatHostEntry, parseHostEntry, type HostEntry } from '../../core/hosts/hostEntry';
import { AddressError, formatHostAddress, type HostAddress, type HostId } from '../../core/model/address';
import type { Explorer } from '../../discovery/explorer';
import type { Log } from '../../discovery/log';
import type { Settings } from '../settings';

const sampleKey = 'netnsExplorer.sampleOpen';

/** Keeps the explorer's hosts equal to what the settings name, and writes the settings when a person adds or removes one. */
export class HostList implements vscode.Disposable {
  private readonly watching: vscode.Disposable;
  /** What the explorer was told of each host, to notice when that changes. */
  private readonly given = new Map<HostId, string>();

  constructor(
    private readonly explorer: Explorer,
    private readonly settings: Settings,
    private readonly memento: vscode.Memento,
    /** The recorded sample that ships with the extension. */
    readonly samplePath: string,
    private readonly log: Log,
    /** The address of a host that has just been added and was not read yet. */
    private readonly onAdded: (id: HostId) => void,
  ) {
    this.apply();
    this.watching = settings.onDidChange((affects) => {
      // Connections read it when they are made.
      const reconnect = affects('ssh.configFile') || affects('ssh.client');
      if (reconnect) for (const host of explorer.hosts) if (outermost(host.address).kind === 'ssh') explorer.remove(host.id);
      const otherImage = affects('helper.image');
      if (otherImage) for (const host of explorer.hosts) if (helperOf(settings, host.address) !== undefined) explorer.remove(host.id);
      if (affects('hosts') || affects('local.enabled') || reconnect || otherImage) for (const id of this.apply()) this.onAdded(id);
    });
  }

  get sampleId(): HostId {
    return formatHostAddress({ kind: 'file', path: this.samplePath });
  }

  async add(address: HostAddress): Promise<HostId> {
    const id = formatHostAddress(address);
    if (address.kind === 'local') await this.settings.setLocalEnabled(true);
    else if (id === this.sampleId) await this.memento.update(sampleKey, true);
    else if (!this.entries.some((entry) => formatHostAddress(entry.address) === id)) await this.settings.setHosts([...this.settings.hosts, id]);
    for (const added of this.apply()) this.onAdded(added);
    return id;
  }

  async remove(id: HostId): Promise<void> {
    if (id === 'local') await this.settings.setLocalEnabled(false);
    else if (id === this.sampleId) await this.memento.update(sampleKey, undefined);
    else await this.settings.setHosts(this.settings.hosts.filter((entry) => canonical(entry) !== id));
    this.apply();
  }

  /** Puts imported hosts in and takes others out, in one change of the settings. An entry replaces the one with its address. */
  async replace(removed: readonly HostId[], entries: readonly HostEntry[]): Promise<void> {
    const out = new Set([...removed, ...entries.map(({ address }) => formatHostAddress(address))]);
    const kept = this.settings.hosts.filter((item) => !out.has(canonical(item) ?? ''));
    await this.settings.setHosts([...kept, ...entries.map(formatHostEntry)]);
    for (const added of this.apply()) this.onAdded(added);
  }

  /** Adds and removes what differs from the settings; returns what was added. */
  private apply(): HostId[] {
    const wanted: HostEntry[] = [];
    const localPossible = process.platform === 'linux';
    // The editor's own `isLinux` speaks of the machine that the window is on, which may be another one.
    void vscode.commands.executeCommand('setContext', 'netnsExplorer.localAbsent', localPossible && !this.settings.localEnabled);
    if (localPossible && this.settings.localEnabled) wanted.push({ address: { kind: 'local' } });
    wanted.push(...this.entries);
    if (this.memento.get<boolean>(sampleKey) === true) wanted.push({ address: { kind: 'file', path: this.samplePath } });
    const texts = new Map(wanted.map((entry) => [formatHostAddress(entry.address), JSON.stringify(formatHostEntry(entry))]));
    for (const { id } of this.explorer.hosts) {
      const before = this.given.get(id);
      // Another key or name is another connection.
      if (!texts.has(id) || (before !== undefined && before !== texts.get(id))) this.explorer.remove(id);
    }
    const present = new Set(this.explorer.hosts.map((host) => host.id));
    const added: HostId[] = [];
    this.given.clear();
    for (const { address, name, groups, source } of wanted) {
      const id = formatHostAddress(address);
      this.given.set(id, texts.get(id) ?? '');
      if (present.has(id)) continue;
      present.add(id);
      added.push(this.explorer.add(address, { ...(name !== undefined && { label: name }), ...(source !== undefined && { origin: { source, groups: groups ?? [] } }) }));
    }
    return added;
  }

  /** The setting's hosts; each item that cannot be read is told to the log. Of several with one address the first counts. */
  get entries(): HostEntry[] {
    const seen = new Set<HostId>();
    return this.settings.hosts.flatMap((item) => {
      try {
        const entry = parseHostEntry(item);
        const id = formatHostAddress(entry.address);
        if (seen.has(id)) return [];
        seen.add(id);
        return [entry];
      } catch (error) {
        if (!(error instanceof AddressError)) throw error;
        this.log.warn(`The setting netnsExplorer.hosts has an entry that is left out. ${error.message}`);
        return [];
      }
    });
  }

  dispose(): void {
    this.watching.dispose();
  }
}

/** The host that is connected to: of a nested one that in which it is. */
function outermost(address: HostAddress): HostAddress {
  return address.kind === 'nested' ? outermost(address.parent) : address;
}

/** The key file that the settings name for a host, or for the one inside which it is. */
export function keyFileOf(settings: Settings, address: HostAddress): string | undefined {
  const id = formatHostAddress(outermost(address));
  for (const item of settings.hosts) if (canonical(item) === id) return parseHostEntry(item).keyFile;
  return undefined;
}

/** The helper container for the machine behind an engine, or behind that inside which a host is, where a person agreed to one. */
export function helperOf(settings: Settings, address: HostAddress): { readonly image: string } | undefined {
  const outer = outermost(address);
  const image = settings.helperImage;
  if (outer.kind !== 'docker' || image === undefined) return undefined;
  const id = formatHostAddress(outer);
  return settings.hosts.some((item) => canonical(item) === id && parseHostEntry(item).helper === true) ? { image } : undefined;
}

function canonical(item: unknown): HostId | undefined {
  try {
    return formatHostAddress(parseHostEntry(item).address);
  } catch {
    return undefined;
  }
}
