import type { DiagramGraph } from '../../core/diagram/graph';
import type { Scene } from '../../core/diagram/scene';

export interface LayoutRequest {
  readonly id: number;
  readonly graph: DiagramGraph;
}

export type LayoutAnswer =
  | { readonly id: number; readonly scene: Scene }
  | { readonly id: number; readonly failed: string };
