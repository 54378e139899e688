import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import type { AnyAuthMethod, Client, NextAuthHandler } from 'ssh2';
import { rejectOn } from '../abort';
import { CloseSignal } from '../closeSignal';
import { printable } from '../command/words';
import type { HostLog } from '../hostLog';
import { TransportError, type Questions } from '../transport';
import { chooseAlgorithms } from './algorithms';
import { AgentRefused, Authenticator, newLoginSecrets, type LoginSecrets } from './authenticate';
import { Clock } from './clock';
import { openHostKeyCheck } from './hostKeyCheck';
import type { SshAddress, SshSettings } from './parseSettings';
import { at, openTcp } from './openTcp';
import { readSshSettings, type SettingsSource } from './settings';

/** An authenticated connection, with the connections that it jumps through. */
export interface SshLink {
  readonly client: Client;
  /** Calls back with the reason once the connection is gone, however it went; at once where it is. Returns the un-registration. */
  onLost(listener: (error: TransportError) => void): () => void;
  /** The same, set before any channel hears of it. */
  readonly gone: TransportError | undefined;
  /** When the last bytes came from the server, in milliseconds since 1970. */
  readonly heardAt: number;
  /** Whether the server answers a question within that time. */
  answers(limitMs: number): Promise<boolean>;
  close(): void;
}

export interface LinkContext extends SettingsSource {
  readonly questions: Questions;
  readonly log: HostLog;
  /** By `user@host:port`. */
  readonly secrets: Map<string, LoginSecrets>;
  readonly signal: AbortSignal;
}

/** A configuration whose jumps lead back to themselves would go on forever. */
const maxHops = 8;

/** Connects, checks the host's key and logs in, hop by hop. @throws TransportError */
export async function openLink(address: SshAddress, context: LinkContext): Promise<SshLink> {
  return openHop(address, undefined, context, 0);
}

/** `through`: the hops that the caller's list puts before this one; undefined leaves it to this host's own ProxyJump. */
async function openHop(address: SshAddress, through: readonly SshAddress[] | undefined, context: LinkContext, depth: number): Promise<SshLink> {
  if (depth > maxHops) throw new TransportError('failed', `The SSH configuration jumps through more than ${String(maxHops)} hosts to reach ${address.host}; look for a ProxyJump that leads back to itself.`);
  const settings = await readSshSettings(address, depth === 0 ? context : { ...context, identityFile: undefined });
  const jumps = through ?? settings.proxyJump;
  const label = labelOf(settings);
  if (jumps.length === 0 && settings.proxyCommand !== undefined) {
    throw new TransportError('failed', `${label} is reached by a ProxyCommand, which the built-in SSH client cannot run. Let the system's ssh do it (SSH client: auto), or use ProxyJump for this host.`);
  }
  const last = jumps.at(-1);
  // Of a list "a,b" the client jumps to b through a; what b's own configuration says about jumps does not count then (ssh.c).
  const via = last && (await openHop(last, jumps.length > 1 ? jumps.slice(0, -1) : undefined, context, depth + 1));
  try {
    return await login(settings, label, via, context);
  } catch (error) {
    via?.close();
    throw error;
  }
}

async function login(settings: SshSettings, label: string, via: SshLink | undefined, context: LinkContext): Promise<SshLink> {
  const key = `${settings.user}@${settings.hostName}:${String(settings.port)}`;
  const secrets = context.secrets.get(key) ?? newLoginSecrets();
  context.secrets.set(key, secrets);
  for (;;) {
    const before = secrets.refusedByAgent.size;
    try {
      return await tryLogin(settings, label, via, context, secrets);
    } catch (error) {
      // Each turn takes one more of the agent's keys out, so this ends.
      if (!(error instanceof AgentRefused) || secrets.refusedByAgent.size === before) throw error;
      context.log.info(`${label}: ${error.message}; connecting again without it.`);
    }
  }
}

async function tryLogin(settings: SshSettings, label: string, via: SshLink | undefined, context: LinkContext, secrets: LoginSecrets): Promise<SshLink> {
  const stop = new AbortController();
  const onAbort = () => stop.abort(new TransportError('cancelled', `Connecting to ${label} was cancelled.`));
  context.signal.addEventListener('abort', onAbort, { once: true });
  if (context.signal.aborted) onAbort();
  const seconds = String(settings.connectTimeoutMs / 1000);
  const clock = new Clock(settings.connectTimeoutMs, () => {
    stop.abort(new TransportError('unreachable', `No answer from ${label} at ${at(settings)} within ${seconds} s. Check the address, and that the network and its firewall let SSH through.`));
  });
  try {
    const questions = clock.stopFor(context.questions);
    const hostKeys = await openHostKeyCheck(settings, label, questions, context.log);
    const algorithms = chooseAlgorithms(settings, hostKeys.knownTypes);
    if ('setting' in algorithms) {
      throw new TransportError('failed', `${label}: the built-in SSH client knows none of the ${algorithms.setting} that the SSH configuration allows (${algorithms.allowed.join(', ')}).`);
    }
    const socket = via ? await openThrough(via, settings, label) : await openTcp(settings, label, stop.signal);
    const authenticator = new Authenticator(settings, label, questions, secrets, context.log);
    const ssh = new NodeSSH();
    let fault: Error | undefined;
    const fail = (error: unknown) => {
      fault ??= error instanceof Error ? error : new Error(String(error));
      socket.destroy();
      ssh.connection?.destroy();
    };
    authenticator.onFailure = fail;
    stop.signal.addEventListener('abort', () => fail(stop.signal.reason), { once: true });
    if (stop.signal.aborted) fail(stop.signal.reason);
    const opening = ssh.connect({
      sock: socket,
      username: settings.user,
      algorithms,
      // The time limit is ours: it stands still while a person is asked.
      readyTimeout: 0,
      keepaliveInterval: settings.keepaliveIntervalMs,
      keepaliveCountMax: settings.keepaliveCountMax,
      hostVerifier: (hostKey: Buffer, verified: (ok: boolean) => void) => {
        hostKeys.verify(hostKey).then(
          () => verified(true),
          (error: unknown) => {
            fault ??= error as Error;
            verified(false);
          },
        );
      },
      authHandler: (methodsLeft: readonly string[] | null, partial: boolean | null, next: NextAuthHandler) => {
        authenticator.next(methodsLeft, partial).then((method) => next(method as AnyAuthMethod), fail);
      },
    });
    const client = ssh.connection;
    if (client === null) throw new TransportError('failed', `The SSH client could not be started for ${label}.`);
    client.on('error', (error: Error) => {
      // A signature that the agent refused reaches us this way.
      if (error instanceof AgentRefused || error instanceof TransportError) fault ??= error;
    });
    const closing = watchClose(client);
    try {
      await Promise.race([opening, rejectOn(stop.signal)]);
    } catch (error) {
      opening.catch(() => undefined);
      client.destroy();
      socket.destroy();
      throw fault ?? explain(error, settings, label, authenticator);
    }
    authenticator.accepted();
    return hold(client, socket, label, closing, via);
  } finally {
    clock.stop();
    context.signal.removeEventListener('abort', onAbort);
  }
}

interface Closing {
  isClosed: boolean;
  /** Called at once where it is closed already. */
  whenClosed(listener: () => void): void;
}

function watchClose(client: Client): Closing {
  const listeners: (() => void)[] = [];
  const closing: Closing = {
    isClosed: false,
    whenClosed: (listener) => {
      if (closing.isClosed) listener();
      else listeners.push(listener);
    },
  };
  client.once('close', () => {
    closing.isClosed = true;
    for (const listener of listeners) listener();
  });
  return closing;
}

function hold(client: Client, socket: Duplex, label: string, closing: Closing, via: SshLink | undefined): SshLink {
  let reason = 'it was closed';
  let gone: TransportError | undefined;
  let heardAt = Date.now();
  socket.on('data', () => {
    heardAt = Date.now();
  });
  client.on('error', (error: Error) => {
    reason = /keepalive/i.test(error.message) ? 'it no longer answers' : printable(error.message);
  });
  // Not a promise: what is chained to one that stays open is held as long as the connection, and with it the output of every command.
  const lost = new CloseSignal();
  closing.whenClosed(() => {
    via?.close();
    gone = new TransportError('unreachable', `Connection lost: ${reason} (${label}). The next command connects again.`);
    lost.fire(gone);
    lost.clear();
  });
  return {
    client,
    onLost: (listener) => {
      if (gone === undefined) return lost.add(listener);
      listener(gone);
      return () => undefined;
    },
    get gone() {
      return gone;
    },
    get heardAt() {
      return heardAt;
    },
    answers: (limitMs) => asked(client, limitMs),
    close: () => {
      client.end();
      client.destroy();
    },
  };
}

/** Asks for the end of a forwarding that there is none of: it changes nothing, and a server answers it, be it by a refusal (RFC 4254, sections 4 and 7.1). */
function asked(client: Client, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    const answer = (is: boolean): void => {
      clearTimeout(timer);
      resolve(is);
    };
    try {
      client.unforwardIn('127.0.0.1', 1, () => answer(true));
    } catch {
      // It is not connected any more.
      answer(false);
    }
  });
}

function openThrough(via: SshLink, settings: SshSettings, label: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new TransportError('unreachable', `${label} cannot be reached at ${at(settings)} through its jump host: ${printable(error.message)}.`, { cause: error }));
    try {
      via.client.forwardOut('127.0.0.1', 0, settings.hostName, settings.port, (error, channel) => {
        if (error) fail(error);
        else resolve(channel);
      });
    } catch (error) {
      fail(error as Error);
    }
  });
}

/** What ssh2 and node-ssh say, as a sentence. */
function explain(error: unknown, settings: SshSettings, label: string, authenticator: Authenticator): TransportError {
  const { message, level } = error as Error & { level?: string };
  if (level === 'client-authentication') return authenticator.refused();
  if (/too many authentication failures/i.test(message)) {
    const refused = authenticator.refused();
    return new TransportError('authentication', `${refused.message} It allows no more attempts on one connection: IdentitiesOnly with IdentityFile limits them to the right key.`, { cause: error });
  }
  if (/no matching|no mutual|handshake failed/i.test(message)) {
    return new TransportError('failed', `${label} and the built-in SSH client have no algorithm in common: ${printable(message)}.`, { cause: error });
  }
  if (/before handshake|invalid identification|protocol version/i.test(message)) {
    return new TransportError('unreachable', `What answers at ${at(settings)} does not speak SSH, or closed the connection at once (${printable(message)}).`, { cause: error });
  }
  return new TransportError('unreachable', `The connection to ${label} broke while logging in: ${printable(message)}.`, { cause: error });
}

/** `user@alias`, by which messages name a host. */
function labelOf(settings: SshSettings): string {
  return printable(`${settings.user}@${settings.alias}`);
}
