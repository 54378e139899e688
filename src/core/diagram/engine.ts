/*
 * The part of elkjs' interface that the layout uses: sizes and layers in, positions out.
 * The engine is handed in, so that the core needs no package and no worker.
 */

export interface LayoutEngine {
  layout(graph: EngineGraph): Promise<EngineGraph>;
}

export interface EngineGraph {
  id: string;
  layoutOptions?: Record<string, string>;
  children?: EngineNode[];
}

export interface EngineNode {
  id: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  layoutOptions?: Record<string, string>;
}
