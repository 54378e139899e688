import type { Command, CommandOutput } from '../../core/command/command';
import { TransportError, type Questions, type RunOptions } from '../transport';
import type { Elevation } from './elevation';
import { lastLine } from './words';

/** Runs a command as the connection's own user. */
export type RunAsUser = (command: Command, options: Pick<RunOptions, 'limitMs' | 'maxBytes'>) => Promise<CommandOutput>;

export interface Negotiation {
  readonly runAsUser: RunAsUser;
  readonly questions: Questions;
  /** For the prompt. */
  readonly hostLabel: string;
  /** A password that was right on an earlier connection to this host. */
  readonly password: string | undefined;
  /** False where the user has declined before. */
  readonly mayAsk: boolean;
}

export interface Negotiated {
  readonly elevation: Elevation;
  readonly declined: boolean;
  /** Why it is no more than `user`, for the log. */
  readonly reason?: string;
}

const attempts = 3;
/** PAM may take its time over a wrong password; the answers are a few words, but start-up files may talk. */
const bounds = { limitMs: 20_000, maxBytes: 64 * 1024 };
const alreadyRoot = 'uid=$(id -u 2>/dev/null) || uid=${EUID:-${UID:-}}; echo "$uid"; command -v sudo >/dev/null 2>&1 || exit 3; [ "$uid" = 0 ] || sudo -n true 2>/dev/null || exit 4';

/** Finds out how this connection becomes root: it is, sudo lets it, sudo lets it for a password that is asked for, or not at all. */
export async function negotiateElevation(negotiation: Negotiation): Promise<Negotiated> {
  const { runAsUser, questions, hostLabel } = negotiation;
  const first = await whoWeAre(runAsUser, hostLabel);
  if (first.stdout.trim() === '0') return { elevation: { kind: 'root' }, declined: false };
  if (first.code === 0) return { elevation: { kind: 'sudo' }, declined: false };
  if (first.code !== 4) return { elevation: { kind: 'user' }, declined: false, reason: first.code === 3 ? 'sudo is not installed' : lastLine(first.stderr) };

  if (negotiation.password !== undefined && (await isRight(runAsUser, negotiation.password)).right) {
    return { elevation: { kind: 'sudoPassword', password: negotiation.password }, declined: false };
  }
  if (!negotiation.mayAsk) return { elevation: { kind: 'user' }, declined: true, reason: 'the sudo password was not given' };
  let reason = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    const prompt = `${attempt === 0 ? '' : 'That was not right. '}Password for sudo on ${hostLabel}`;
    const password = await questions.secret({ kind: 'sudo', prompt, host: hostLabel });
    if (password === undefined) return { elevation: { kind: 'user' }, declined: true, reason: 'the sudo password was not given' };
    const tried = await isRight(runAsUser, password);
    if (tried.right) return { elevation: { kind: 'sudoPassword', password }, declined: false };
    reason = tried.reason;
    // "user is not in the sudoers file", "is not allowed to run", "may not run sudo": no password helps.
    if (/not in the sudoers|not allowed|may not run/i.test(reason)) break;
  }
  return { elevation: { kind: 'user' }, declined: true, reason };
}

async function whoWeAre(runAsUser: RunAsUser, hostLabel: string): Promise<CommandOutput> {
  try {
    return await runAsUser({ argv: ['sh', '-c', alreadyRoot], privilege: 'user' }, bounds);
  } catch (error) {
    if (!(error instanceof TransportError) || (error.code !== 'time-limit' && error.code !== 'truncated')) throw error;
    const fault = error.code === 'time-limit' ? `gave no answer within ${String(bounds.limitMs / 1000)} s` : 'printed far more than it was asked for';
    throw new TransportError(error.code, `The shell on ${hostLabel} ${fault}. Log in there by hand and look at what its start-up files do.`, { cause: error });
  }
}

/**
 * Whether sudo takes this password. Its standard input is the password alone, so that a wrong one costs one attempt,
 * and what runs is `:`, which reads nothing.
 */
async function isRight(runAsUser: RunAsUser, password: string): Promise<{ right: boolean; reason: string }> {
  if (/[\n\0]/.test(password)) return { right: false, reason: 'a password cannot hold a line break' };
  const result = await runAsUser({ argv: ['sudo', '-k', '-S', '-p', '', '--', 'sh', '-c', ':'], privilege: 'user', stdin: `${password}\n` }, bounds);
  return { right: result.code === 0, reason: lastLine(result.stderr) };
}
