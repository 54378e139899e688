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
  readonly parent?: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Hostile text: draw as text, never as markup. First line is the title. */
  readonly lines: readonly string[];
  /** Node of the tree that this box shows (a host's, sandbox's, link's, container's or network's id). */
  readonly modelId?: string;
  /** For the detail panel and assistive technology. */
  readonly facts: readonly Fact[];
  readonly state: 'normal' | 'down' | 'unknown';
  /** What can be done with it, for the panel's buttons. */
  readonly actions: readonly ('enter' | 'dump' | 'reveal')[];
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

export type EdgeKind = 'veth' | 'bridgePort' | 'vtep' | 'underlay' | 'parent' | 'attachment';

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
}

export interface Point {
  readonly x: number;
  readonly y: number;
}
