import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { printable } from '../command/words';
import type { HostLog } from '../hostLog';
import { TransportError } from '../transport';
import type { ContextEndpoint } from './contextFiles';
import { placeOf } from './dial';
import { request, said, upgrade, type EngineAnswer, type EngineRequest } from './request';

export interface HelperOptions {
  /** Of it `sh`, `head`, `timeout`, and `nsenter` or else `ip` are used. */
  readonly image: string;
  /** Whose tools run; default: the machine's, where it has `sh`, `ip` and `nsenter`, else the image's. */
  readonly tools?: 'machine' | 'image';
}

/** A container that runs on the engine's machine for as long as this connection to it stands. */
export interface Helper {
  readonly id: string;
  /** Why it is not privileged, where it is not: what the engine said of that. */
  readonly unprivileged: string | undefined;
  /** Resolves when it is there no more, unless `close` ended it. */
  readonly lost: Promise<TransportError>;
  close(): void;
}

/** By it leftovers are found; the value is the time at which it was made, as seconds since 1970. */
export const helperLabel = 'netns-explorer.helper';

const limitMs = 30_000;
const beatMs = 20_000;
/** A helper that was made and never started belongs to nobody after this time. */
const startLimitS = 120;

/**
 * Ends with its standard input, which is this connection: the engine closes it when the client has gone (StdinOnce), and removes what has ended (AutoRemove). Where a machine goes without a
 * word no beat comes any more.
 */
const keeper = 'echo ready; while [ -n "$(timeout 90 head -c 1)" ]; do :; done';

/** Instead of --privileged, where the engine refuses that: what namespaces, their devices, rules and processes are read and entered with (capabilities(7)). */
const capabilities = ['SYS_ADMIN', 'SYS_PTRACE', 'SYS_CHROOT', 'NET_ADMIN', 'NET_RAW', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'KILL', 'SYSLOG'];

/** Makes and starts the container. It sees the processes, the network, the IPC and the control groups of the engine's machine. @throws TransportError */
export async function startHelper(endpoint: ContextEndpoint, { image }: HelperOptions, log: HostLog, signal: AbortSignal): Promise<Helper> {
  const ask = (method: EngineRequest['method'], path: string, body?: unknown) => request(endpoint, { method, path, body, limitMs, signal });
  await removeLeftovers(endpoint, log, signal);
  const first = await tryHelper({ Privileged: true });
  if ('helper' in first) return first.helper;
  log.info(`The engine at ${placeOf(endpoint)} refuses a privileged container (${first.refused}); one with capabilities is tried.`);
  const second = await tryHelper({ CapAdd: capabilities, SecurityOpt: ['apparmor=unconfined', 'seccomp=unconfined', 'label=disable'] }, first.refused);
  if ('helper' in second) return second.helper;
  throw new TransportError('no-permission', `The engine at ${placeOf(endpoint)} does not start the helper container: ${second.refused}. Add the machine itself over SSH.`);

  async function tryHelper(privileges: object, refused?: string): Promise<{ readonly helper: Helper } | { readonly refused: string }> {
    const body = {
      Image: image,
      Entrypoint: ['sh', '-c', keeper],
      Cmd: [],
      User: '0:0',
      WorkingDir: '/',
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Labels: { [helperLabel]: String(Math.floor(Date.now() / 1000)) },
      HostConfig: { AutoRemove: true, PidMode: 'host', NetworkMode: 'host', IpcMode: 'host', UTSMode: 'host', CgroupnsMode: 'host', UsernsMode: 'host', LogConfig: { Type: 'none' }, ...privileges },
    };
    const created = await ask('POST', `/containers/create?name=netns-explorer-helper-${randomBytes(4).toString('hex')}`, body);
    if (created.status === 404) throw new TransportError('tool-missing', `The image of the helper container, ${printable(image)}, is not on the engine at ${placeOf(endpoint)}. "Helper Container…" pulls it there once you agree; so does "docker pull".`);
    const id = created.status === 201 ? idOf(created.text) : undefined;
    if (id === undefined) return { refused: said(created) };
    let stream: Socket | undefined;
    try {
      const attached = await upgrade(endpoint, { method: 'POST', path: `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`, limitMs, signal });
      if ('refused' in attached) throw refusal(endpoint, attached.refused);
      ({ stream } = attached);
      const ready = untilReady(stream, endpoint, signal);
      // Told below; the start may fail first.
      ready.catch(() => undefined);
      const started = await ask('POST', `/containers/${id}/start`);
      if (started.status !== 204) {
        stream.destroy();
        await remove(endpoint, id);
        return { refused: said(started) };
      }
      await ready;
      return { helper: helperOf(endpoint, id, stream, refused) };
    } catch (error) {
      stream?.destroy();
      await remove(endpoint, id);
      throw error;
    }
  }
}

function helperOf(endpoint: ContextEndpoint, id: string, stream: Socket, unprivileged: string | undefined): Helper {
  let closed = false;
  const beat = setInterval(() => stream.write('.'), beatMs);
  beat.unref();
  stream.resume();
  const lost = new Promise<TransportError>((resolve) => {
    stream.on('error', () => undefined);
    stream.once('close', () => {
      clearInterval(beat);
      if (!closed) resolve(new TransportError('unreachable', `The helper container on the machine behind ${placeOf(endpoint)} has ended, or the connection to it was lost. The next command starts it again.`));
    });
    stream.once('end', () => stream.destroy());
  });
  return {
    id,
    unprivileged,
    lost,
    close: () => {
      if (closed) return;
      closed = true;
      clearInterval(beat);
      stream.destroy();
      void remove(endpoint, id);
    },
  };
}

/** The keeper's first word: it runs, and the image has what it needs. */
function untilReady(stream: Socket, endpoint: ContextEndpoint, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = () => reject(new TransportError('tool-missing', `The helper container on ${placeOf(endpoint)} ended at once${text.trim() === '' ? '' : `: ${printable(text).slice(0, 200)}`}. Its image must have sh, head and timeout.`));
    const cancel = () => reject(new TransportError('cancelled', `Starting the helper container on ${placeOf(endpoint)} was cancelled.`));
    signal.addEventListener('abort', cancel, { once: true });
    stream.on('data', function look(chunk: Buffer) {
      text += chunk.toString('latin1');
      if (!text.includes('ready\n')) return;
      stream.off('data', look);
      stream.off('end', fail);
      stream.off('close', fail);
      signal.removeEventListener('abort', cancel);
      resolve();
    });
    stream.once('end', fail);
    stream.once('close', fail);
  });
}

/** Helpers of sessions that ended without a word to an engine that had ended, too. One that runs is somebody's: it ends by itself. */
async function removeLeftovers(endpoint: ContextEndpoint, log: HostLog, signal: AbortSignal): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [helperLabel] }));
  const { status, text } = await request(endpoint, { method: 'GET', path: `/containers/json?all=1&filters=${filters}`, limitMs, signal });
  const listed = status === 200 ? parsed(text) : undefined;
  if (!Array.isArray(listed)) return;
  for (const entry of listed as readonly unknown[]) {
    const { Id: id, State: state, Created: created } = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
    if (typeof id !== 'string' || !/^[0-9a-f]{12,64}$/.test(id)) continue;
    const old = typeof created === 'number' && created < Date.now() / 1000 - startLimitS;
    if (state !== 'exited' && state !== 'dead' && !(state === 'created' && old)) continue;
    await remove(endpoint, id);
    log.info(`A helper container that was left on ${placeOf(endpoint)} by an earlier session was removed (${id.slice(0, 12)}).`);
  }
}

/** Whoever has lost the engine cannot; then the container ends with the connection. */
async function remove(endpoint: ContextEndpoint, id: string): Promise<void> {
  await request(endpoint, { method: 'DELETE', path: `/containers/${id}?force=1&v=1`, limitMs }).catch(() => undefined);
}

function idOf(text: string): string | undefined {
  const value = parsed(text);
  const id = typeof value === 'object' && value !== null && 'Id' in value ? value.Id : undefined;
  return typeof id === 'string' && /^[0-9a-f]{64}$/.test(id) ? id : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refusal(endpoint: ContextEndpoint, answer: EngineAnswer): TransportError {
  return new TransportError('failed', `The helper container on ${placeOf(endpoint)} cannot be attached to: ${said(answer)}.`);
}
