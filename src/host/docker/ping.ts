import { TransportError } from '../transport';
import type { ContextEndpoint } from './contextFiles';
import { placeOf } from './dial';
import { request, said } from './request';

const limitMs = 10_000;

/** GET /_ping: "OK" (Docker Engine API 1.24 and newer; Podman). @throws TransportError */
export async function ping(endpoint: ContextEndpoint, signal: AbortSignal): Promise<void> {
  const answer = await request(endpoint, { method: 'GET', path: '/_ping', limitMs, signal });
  if (answer.status === 200 && answer.text.trim() === 'OK') return;
  const place = placeOf(endpoint);
  // net/http of Go, in front of dockerd.
  if (answer.status === 400 && /HTTP request to an HTTPS server/.test(answer.text)) throw new TransportError('authentication', `The engine at ${place} wants TLS, and the context has none. Make the context with "ca", "cert" and "key".`);
  if (answer.status === 401 || answer.status === 403) throw new TransportError('no-permission', `The engine at ${place} refuses this user: ${said(answer)}.`);
  throw new TransportError('garbled', `What listens on ${place} is no container engine: it answered /_ping with status ${String(answer.status)}.`);
}

/** How an engine is reached, as a sentence. */
export function wayTo(endpoint: ContextEndpoint): string {
  const place = placeOf(endpoint);
  if (endpoint.kind === 'socket') return `The engine at ${place} is asked.`;
  if (!endpoint.tls) return `The engine at ${place} is asked without TLS: whoever is in between can read and change everything.`;
  return `The engine at ${place} is asked over TLS${endpoint.tls.verify ? '' : ', without looking at its certificate, as the context says'}.`;
}
