import type * as vscode from 'vscode';
import type { Explorer } from '../discovery/explorer';
import type { StoreBook } from '../discovery/storeBook';
import type { Log } from '../discovery/log';
import type { DiagramPanels } from './diagram/diagramPanels';
import type { Documents } from './document/documents';
import type { HostList } from './hosts/hostList';
import type { Settings } from './settings';
import type { Terminals } from './terminal/terminals';
import type { HostsView } from './tree/hostsView';

/** What the commands work with; made once, in extension.ts. */
export interface Services {
  readonly explorer: Explorer;
  readonly view: HostsView;
  readonly hosts: HostList;
  readonly terminals: Terminals;
  readonly documents: Documents;
  readonly diagrams: DiagramPanels;
  readonly settings: Settings;
  readonly stores: StoreBook;
  readonly log: Log;
  /** What the editor keeps across restarts. */
  readonly state: vscode.Memento;
  readonly extensionUri: vscode.Uri;
  readonly channel: vscode.LogOutputChannel;
  /** Tells a person about a fault. */
  readonly report: (error: unknown) => void;
  /** Starts the first scan where none was yet, and waits for it. */
  readonly scanned: () => Promise<void>;
}
