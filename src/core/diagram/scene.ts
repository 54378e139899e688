/*
 * A scene is a diagram with every position known: plain data, in CSS pixels, origin top left.
 * The webview draws it, `svg.ts` prints it; neither decides where anything goes.
 */

export interface Scene {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** Parents before their children. */
  readonly boxes: readonly SceneBox[];
  readonly edges: readonly SceneEdge[];
}

export type BoxKind = 'host' | 'sandbox' | 'container' | 'bridge' | 'vxlan' | 'port' | 'interface' | 'underlay' | 'network' | 'group';

export interface SceneBox {
  /** Stable from scene to scene. */
  readonly id: string;
  readonly kind: BoxKind;
  /** What it is, in small letters, where its kind does not say it: an `underlay` box is an uplink too. */
  readonly word?: string;
  readonly parent?: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Hostile text: draw as text, never as markup. First line is the title. */
  readonly lines: readonly string[];
  /** Node of the tree that this box shows (a host's, sandbox's, link's, container's or network's id). */
  readonly modelId?: string;
  /** Further nodes of the tree that this box stands for: a container's sandbox, its endpoint. */
  readonly aliases?: readonly string[];
  /** For the detail panel and assistive technology. */
  readonly facts: readonly Fact[];
  readonly state: 'normal' | 'down' | 'unknown';
  /** Size of its text in scene pixels, where it is larger than usual so that it can still be read when the whole scene is in view. */
  readonly fontSize?: number;
  /** What can be done with it, for the panel's buttons. */
  readonly actions: readonly ('enter' | 'dump' | 'reveal')[];
  /** Stands for more than is shown, or is of what was opened so: the panel asks for the other by this key. */
  readonly fold?: { readonly key: string; readonly open: boolean };
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** `vtep` and `published` lead from one thing outside of a host to another, or to a host's edge. */
export type EdgeKind = 'veth' | 'bridgePort' | 'vtep' | 'published' | 'underlay' | 'parent' | 'attachment';

export interface SceneEdge {
  readonly id: string;
  readonly kind: EdgeKind;
  readonly from: string;
  readonly to: string;
  /** Polyline, at least two points. */
  readonly points: readonly Point[];
  readonly label?: { readonly text: string; readonly x: number; readonly y: number };
  readonly facts: readonly Fact[];
  readonly state: 'normal' | 'down' | 'unknown';
  /** Of the label, as for a box. */
  readonly fontSize?: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}
