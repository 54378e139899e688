import type { SceneBox, SceneEdge } from '../src/core/diagram/scene';
import type { SceneIndex } from './sceneIndex';

const kindNames: Readonly<Record<SceneBox['kind'], string>> = {
  host: 'Host', sandbox: 'Network namespace', container: 'Container', bridge: 'Bridge', vxlan: 'VXLAN device', port: 'Bridge port',
  interface: 'Interface', underlay: 'Tunnel endpoint (VTEP)', network: 'Network', group: 'Group',
};

const edgeNames: Readonly<Record<SceneEdge['kind'], string>> = {
  veth: 'Veth pair', bridgePort: 'Bridge port', vtep: 'Tunnel', published: 'Published ports', underlay: 'Underlay', parent: 'Lower device', attachment: 'Attachment',
};

const stateNames = { normal: '', down: 'down', unknown: 'not fully known' } as const;

/** A host's diagram shows further namespaces as boxes beside it, without a row of their own as a host. */
export const kindName = (box: SceneBox): string => (box.word !== undefined ? capitalised(box.word) : box.kind === 'host' && box.modelId === undefined ? 'Namespace on a host' : kindNames[box.kind]);
const capitalised = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
export const edgeKindName = (edge: SceneEdge): string => edgeNames[edge.kind];
export const boxStateName = ({ state }: SceneBox): string => stateNames[state];

/** A tunnel is marked as down where its other half is no good, or where rows of it are missing: it may well carry others then. */
export function edgeStateName({ kind, state, facts }: SceneEdge): string {
  if (kind !== 'vtep' || state !== 'down') return stateNames[state];
  return facts.some(({ name }) => name === 'Other half') ? 'its other half is missing or does not fit' : 'FDB rows are missing';
}

export function edgeTitle(index: SceneIndex, edge: SceneEdge): string {
  const end = (id: string): string => {
    const box = index.box(id);
    const parent = box && index.parent(box);
    const title = box?.lines[0] ?? '';
    return box?.kind === 'interface' && parent?.kind === 'container' ? `${title} of ${parent.lines[0] ?? ''}` : box?.kind === 'underlay' && parent ? `${title} (${parent.lines[0] ?? ''})` : title;
  };
  return `${end(edge.from)} ⇄ ${end(edge.to)}`;
}

/** What a screen reader says of a box: kind, text, state, and where it is. */
export function boxLabel(index: SceneIndex, box: SceneBox): string {
  const parent = index.parent(box);
  const within = parent ? `in ${kindName(parent).toLowerCase()} ${parent.lines[0] ?? ''}` : '';
  return [`${kindName(box)} ${box.lines.join(', ')}`, boxStateName(box), within].filter((part) => part !== '').join(', ');
}

export function edgeLabel(index: SceneIndex, edge: SceneEdge): string {
  return [`${edgeKindName(edge)} ${edgeTitle(index, edge)}`, edge.label?.text ?? '', edgeStateName(edge)].filter((part) => part !== '').join(', ');
}
