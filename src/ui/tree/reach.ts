import { type HostId } from '../../core/model/address';
import type { TreeModel } from './treeModel';

/** For menus: whether commands can be run on the row's host, only its engine asked, or neither. */
export function reachOf(model: TreeModel, hostId: HostId): 'recorded' | 'engine' | 'live' {
  if (model.status(hostId)?.address.kind === 'file') return 'recorded';
  return model.source.topology.host.get(hostId)?.snapshot.host.engineOnly === true ? 'engine' : 'live';
}
