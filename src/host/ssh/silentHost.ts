import { TransportError } from '../transport';
import type { SshLink } from './link';

/** How long the answer of a host that still lives may take. */
export const answerLimitMs = 2000;

/** How far a session came: another one must end first, it was asked for, or the host has refused it. */
export interface Attempt {
  stage: 'waiting' | 'asked' | 'refused';
}

/**
 * Why no session was opened in time: the host is gone, or it answers and has none left.
 * @param began `"ip" on node1 could not be started within 15 s`
 * @param full said of a host that has none left
 */
export async function notStarted(link: SshLink, label: string, began: string, { stage, full }: Attempt & { readonly full: string }, cause: unknown): Promise<TransportError> {
  const answers = await link.answers(answerLimitMs);
  if (link.gone !== undefined) return link.gone;
  if (!answers) return silentHost(link, label, began, cause);
  const why = stage === 'asked' ? `${label} answers, but has not opened a session. Look there whether it is overloaded, and try again.` : full;
  return new TransportError('time-limit', `${began}: ${why}`, { cause });
}

/** With what came until then. */
export function silentHost(link: SshLink, label: string, began: string, cause: unknown): TransportError {
  const seconds = Math.round((Date.now() - link.heardAt) / 1000);
  const partial = cause instanceof TransportError ? cause.partial : undefined;
  return new TransportError('unreachable', `${began}: ${label} has not answered for ${String(seconds)} s. Check that it runs and that the network leads there, and try again.`, { cause, ...(partial !== undefined && { partial }) });
}
