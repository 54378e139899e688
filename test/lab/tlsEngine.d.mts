import type { Lab } from './client.mjs';

export const tlsPort: 2376;
export function makeCa(folder: string, name: string): Promise<void>;
export function makeCertificate(folder: string, ca: string, name: string, options?: { readonly address?: string; readonly days?: number }): Promise<void>;
/** Resolves with the engine's IP address once it answers. */
export function startTlsEngine(lab: Lab, host: 'node1' | 'node2', certificates: string): Promise<string>;
export function askTlsEngine(lab: Lab, host: 'node1' | 'node2', argv: readonly string[]): Promise<string>;
export function stopTlsEngine(lab: Lab, host: 'node1' | 'node2'): Promise<void>;
