import type { Lab } from './client.mjs';

/** Docker in Docker: a container of a lab host's engine in which another engine runs. Resolves with its id when that answers. */
export function startDind(lab: Lab, host: 'node1' | 'node2', name: string): Promise<string>;
/** Resolves when the engine inside answers. */
export function dindAnswers(lab: Lab, host: 'node1' | 'node2', name: string): Promise<void>;
export function removeDind(lab: Lab, host: 'node1' | 'node2', name: string): Promise<void>;
