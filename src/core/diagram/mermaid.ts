import type { DiagramGraph } from './graph';

export declare function mermaid(graph: DiagramGraph): string;
