import type { LayoutEngine } from './engine';
import type { DiagramGraph } from './graph';
import type { Scene } from './scene';

/** Gives every box of a graph its place and every edge its way. The same graph gives the same scene. */
export declare function layoutGraph(graph: DiagramGraph, engine: LayoutEngine): Promise<Scene>;
