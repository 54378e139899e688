import { printable } from '../command/words';
import { TransportError } from '../transport';
import { readContext } from './contextFiles';
import { placeOf } from './dial';
import { request, said } from './request';

const limitMs = 15_000;
const pullLimitMs = 15 * 60_000;

/** Whether the engine of a context has an image. @throws TransportError */
export async function hasImage(context: string, image: string, signal?: AbortSignal): Promise<boolean> {
  const endpoint = await readContext(context);
  const answer = await request(endpoint, { method: 'GET', path: `/images/${image}/json`, limitMs, signal });
  if (answer.status === 200) return true;
  if (answer.status === 404) return false;
  throw new TransportError('failed', `The engine at ${placeOf(endpoint)} does not say whether it has the image ${printable(image)}: ${said(answer)}.`);
}

/** Has the engine pull an image from its registry, without a login; only after a person agreed. @throws TransportError */
export async function pullImage(context: string, image: string, signal?: AbortSignal): Promise<void> {
  const endpoint = await readContext(context);
  // Lines of JSON; the last one with an error says why nothing came (Docker Engine API, POST /images/create).
  let rest = '';
  let fault: string | undefined;
  const onData = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(-64 * 1024);
    for (const line of lines) fault = errorOf(line) ?? fault;
  };
  const answer = await request(endpoint, { method: 'POST', path: `/images/create?fromImage=${encodeURIComponent(image)}`, limitMs: pullLimitMs, signal, onData });
  fault = errorOf(rest) ?? fault ?? (answer.status === 200 ? undefined : said(answer));
  if (fault !== undefined) throw new TransportError('failed', `The engine at ${placeOf(endpoint)} could not pull ${printable(image)}: ${printable(fault).slice(0, 300).replace(/\.$/, '')}. Pull it there by "docker pull", or name another image in the setting netnsExplorer.helper.image.`);
}

function errorOf(line: string): string | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'string' ? value.error : undefined;
  } catch {
    return undefined;
  }
}
