import type { SceneBox, SceneEdge } from './scene';

/*
 * What a diagram shows, before anything has a place: boxes within boxes, and edges between them.
 * `layout.ts` makes a scene of it; Mermaid, DOT and text are printed from it directly.
 */

export interface DiagramGraph {
  readonly title: string;
  /** Parents before their children; siblings in the order in which they are to be shown. */
  readonly boxes: readonly GraphBox[];
  readonly edges: readonly GraphEdge[];
  /** The top level may stand in several rows; what tunnels join stays in one. */
  readonly wrapped?: true;
}

/** A scene's box without its place. A `host` box of which only an address is known has kind `underlay` and no parent. */
export type GraphBox = Omit<SceneBox, 'x' | 'y' | 'width' | 'height' | 'fontSize'>;

/** Whether an edge runs outside of the hosts, from one's edge to another's. */
export const isOuter = ({ kind }: Pick<SceneEdge, 'kind'>): boolean => kind === 'vtep' || kind === 'published';

/** A scene's edge without its way; its label has no place yet. */
export type GraphEdge = Omit<SceneEdge, 'points' | 'label' | 'fontSize'> & { readonly label?: string };
