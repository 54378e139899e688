import type { DiagramGraph } from './graph';

export declare function dot(graph: DiagramGraph): string;
