import type * as vscode from 'vscode';
import type { Explorer, Unsubscribe } from '../../discovery/explorer';
import type { Settings } from '../settings';

/** The first reading of all hosts, once, when something needs it; from then on the engines' events are followed, where the settings say so. */
export class FirstScan implements vscode.Disposable {
  private running: Promise<void> | undefined;
  private stopWatching: Unsubscribe | undefined;
  private readonly setting: vscode.Disposable;

  constructor(
    private readonly explorer: Explorer,
    private readonly settings: Settings,
  ) {
    this.setting = settings.onDidChange((affects) => {
      if (affects('scan.followEngineEvents') && this.started) this.follow();
      if (affects('scan.sources') && this.started) void this.explorer.refresh();
    });
  }

  get started(): boolean {
    return this.running !== undefined;
  }

  done(): Promise<void> {
    if (this.running === undefined) {
      // First: a host that waits for a password must not keep the others' events from being followed.
      this.follow();
      this.running = this.explorer.refresh();
    }
    return this.running;
  }

  private follow(): void {
    this.stopWatching?.();
    this.stopWatching = this.settings.followEngineEvents ? this.explorer.watch() : undefined;
  }

  dispose(): void {
    this.stopWatching?.();
    this.setting.dispose();
  }
}
