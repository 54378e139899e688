import type { DiagramGraph } from './graph';

export declare function text(graph: DiagramGraph): string;
