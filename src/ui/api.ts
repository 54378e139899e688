import type { Explorer } from '../discovery/explorer';
import type { DiagramPanels } from './diagram/diagramPanels';
import type { HostsView } from './tree/hostsView';

/** What `activate` gives to tests and benchmarks. Not a promise to other extensions. */
export interface NetnsExplorerApi {
  readonly explorer: Explorer;
  /** The tree: `view.provider` gives the rows and items, `view.reveal` selects. */
  readonly view: HostsView;
  readonly diagrams: DiagramPanels;
  /** Starts the first scan where the view was not shown yet; resolves when every host was read or has failed. */
  ready(): Promise<void>;
}
