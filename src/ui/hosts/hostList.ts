import * as vscode from 'vscode';
import { AddressError, formatHostAddress, parseHostAddress, type HostAddress, type HostId } from '../../core/model/address';
import type { Explorer } from '../../discovery/explorer';
import type { Log } from '../../discovery/log';
import type { Settings } from '../settings';

const sampleKey = 'netnsExplorer.sampleOpen';

/** Keeps the explorer's hosts equal to what the settings name, and writes the settings when a person adds or removes one. */
export class HostList implements vscode.Disposable {
  private readonly watching: vscode.Disposable;

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
      if (reconnect) for (const host of explorer.hosts) if (host.address.kind === 'ssh') explorer.remove(host.id);
      if (affects('hosts') || affects('local.enabled') || reconnect) for (const id of this.apply()) this.onAdded(id);
    });
  }

  get sampleId(): HostId {
    return formatHostAddress({ kind: 'file', path: this.samplePath });
  }

  async add(address: HostAddress): Promise<HostId> {
    const id = formatHostAddress(address);
    if (address.kind === 'local') await this.settings.setLocalEnabled(true);
    else if (id === this.sampleId) await this.memento.update(sampleKey, true);
    else if (!this.configured().some((host) => formatHostAddress(host) === id)) await this.settings.setHosts([...this.settings.hosts, id]);
    for (const added of this.apply()) this.onAdded(added);
    return id;
  }

  async remove(id: HostId): Promise<void> {
    if (id === 'local') await this.settings.setLocalEnabled(false);
    else if (id === this.sampleId) await this.memento.update(sampleKey, undefined);
    else await this.settings.setHosts(this.settings.hosts.filter((entry) => canonical(entry) !== id));
    this.apply();
  }

  /** Adds and removes what differs from the settings; returns what was added. */
  private apply(): HostId[] {
    const wanted: HostAddress[] = [];
    const localPossible = process.platform === 'linux';
    // The editor's own `isLinux` speaks of the machine that the window is on, which may be another one.
    void vscode.commands.executeCommand('setContext', 'netnsExplorer.localAbsent', localPossible && !this.settings.localEnabled);
    if (localPossible && this.settings.localEnabled) wanted.push({ kind: 'local' });
    wanted.push(...this.configured());
    if (this.memento.get<boolean>(sampleKey) === true) wanted.push({ kind: 'file', path: this.samplePath });
    const ids = new Set(wanted.map(formatHostAddress));
    for (const host of this.explorer.hosts) if (!ids.has(host.id)) this.explorer.remove(host.id);
    const present = new Set(this.explorer.hosts.map((host) => host.id));
    const added: HostId[] = [];
    for (const address of wanted) {
      const id = formatHostAddress(address);
      if (present.has(id)) continue;
      present.add(id);
      added.push(this.explorer.add(address));
    }
    return added;
  }

  private configured(): HostAddress[] {
    return this.settings.hosts.flatMap((entry) => {
      try {
        return [parseHostAddress(entry)];
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

function canonical(entry: string): HostId | undefined {
  try {
    return formatHostAddress(parseHostAddress(entry));
  } catch {
    return undefined;
  }
}
