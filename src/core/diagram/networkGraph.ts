import type { NetworkId, Topology } from '../model/topology';
import type { DiagramGraph } from './graph';

/**
 * The diagram of a network on every host that has it.
 * @returns undefined where no such network is in the topology.
 */
export declare function networkGraph(topology: Topology, networkId: NetworkId): DiagramGraph | undefined;
