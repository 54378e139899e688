import * as vscode from 'vscode';
import type { SshClientChoice } from '../host/ssh/chooseClient';
import { defaultHelperImage, parseHelperImage } from '../core/hosts/helperImage';
import { AddressError } from '../core/model/address';
import { dearSources, type DearSource } from '../core/model/snapshot';

export const section = 'netnsExplorer';

/** What a double click on a row does. */
export type DoubleClick = 'none' | 'enter' | 'dump' | 'diagram';

/** The extension's settings, read when they are asked for. */
export class Settings {
  /** Items as they were written; `parseHostEntry` reads one. */
  get hosts(): readonly unknown[] {
    const value = this.get('hosts');
    return Array.isArray(value) ? (value as unknown[]) : [];
  }

  setHosts(hosts: readonly unknown[]): Thenable<void> {
    return vscode.workspace.getConfiguration(section).update('hosts', hosts, vscode.ConfigurationTarget.Global);
  }

  get localEnabled(): boolean {
    return this.get('local.enabled') !== false;
  }

  setLocalEnabled(enabled: boolean): Thenable<void> {
    return vscode.workspace.getConfiguration(section).update('local.enabled', enabled, vscode.ConfigurationTarget.Global);
  }

  /** Empty where OpenSSH's own choice holds. */
  get sshConfigFile(): string {
    const value = this.get('ssh.configFile');
    return typeof value === 'string' ? value.trim() : '';
  }

  get sshClient(): SshClientChoice {
    const value = this.get('ssh.client');
    return value === 'builtin' || value === 'openssh' ? value : 'auto';
  }

  /** Undefined where what is set is no image. */
  get helperImage(): string | undefined {
    const value = this.get('helper.image');
    try {
      return parseHelperImage(typeof value === 'string' && value.trim() !== '' ? value : defaultHelperImage);
    } catch (error) {
      if (error instanceof AddressError) return undefined;
      throw error;
    }
  }

  get followEngineEvents(): boolean {
    return this.get('scan.followEngineEvents') !== false;
  }

  get sources(): readonly DearSource[] {
    const value = this.get('scan.sources');
    return Array.isArray(value) ? dearSources.filter((source) => value.includes(source)) : [];
  }

  /** Addresses of key-value stores that were given for a host, by its address or name, or for all by `*`. */
  storesOf({ id, label }: { readonly id: string; readonly label: string }): readonly string[] {
    const value = this.get('keyValueStores');
    if (typeof value !== 'object' || value === null) return [];
    const found = new Map(Object.entries(value)) as ReadonlyMap<string, unknown>;
    return [...new Set([id, id.replace(/^ssh:\/\//, ''), label, '*'])].flatMap((name) => {
      const addresses = found.get(name);
      return Array.isArray(addresses) ? addresses.filter((each) => typeof each === 'string') : [];
    });
  }

  get doubleClick(): DoubleClick {
    const value = this.get('tree.doubleClick');
    return value === 'enter' || value === 'dump' || value === 'diagram' ? value : 'none';
  }

  onDidChange(listener: (affects: (key: string) => boolean) => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(section)) listener((key) => event.affectsConfiguration(`${section}.${key}`));
    });
  }

  /** These decide which machines are spoken to: a workspace's or folder's value would let a repository choose them, so none is read. */
  private get(key: string): unknown {
    const found = vscode.workspace.getConfiguration(section).inspect<unknown>(key);
    return found?.globalValue ?? found?.defaultValue;
  }
}
