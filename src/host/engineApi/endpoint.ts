import type { Duplex } from 'node:stream';
import type { Command } from '../../core/command/command';
import { EngineError } from '../engine';
import { printable } from '../command/words';
import type { StreamTarget, Transport, TransportError } from '../transport';

/** How an engine's API is reached: the first way that opens is kept. */
export interface EngineEndpoint {
  readonly path: string;
  readonly ways: readonly StreamTarget[];
  /** Other sockets of engines that may be opened there. */
  readonly others?: readonly EngineEndpoint[];
}

const limitMs = 10_000;

/**
 * Where engines listen (dockerd(8), podman-system-service(1)): as DOCKER_HOST says, the system's, then the user's own; for root those of all who are logged in, too.
 * Each socket once, whatever names it has: /var/run is often /run, and podman-docker makes one of Docker's of Podman's. Prints `rw PATH` for a socket that may be opened, `no PATH` for one that may not, `tool NAME` for what can pass one on.
 */
const look = [
  'seen=',
  'others=; [ "$(id -u)" != 0 ] || others="/run/user/[0-9]*/podman/podman.sock /run/user/[0-9]*/docker.sock"',
  'for p in "${DOCKER_HOST#unix://}" /var/run/docker.sock /run/podman/podman.sock "${XDG_RUNTIME_DIR:-/nonexistent}/docker.sock" "${XDG_RUNTIME_DIR:-/nonexistent}/podman/podman.sock" $others',
  'do [ -S "$p" ] || continue',
  'k=$(stat -Lc %d:%i -- "$p" 2>/dev/null) && [ -n "$k" ] || k=$(readlink -f -- "$p" 2>/dev/null) || k=$p',
  'case " $seen " in *" $k "*) continue ;; esac',
  'seen="$seen $k"',
  'if [ -r "$p" ] && [ -w "$p" ]; then echo "rw $p"; else echo "no $p"; fi',
  'done',
  'for t in docker podman socat; do command -v "$t" >/dev/null 2>&1 && echo "tool $t"; done',
  'exit 0',
].join('\n');

/** Finds the engine of a host. @throws EngineError no-engine, no-permission; TransportError */
export async function findEngine(transport: Transport, hostLabel: string, signal: AbortSignal | undefined): Promise<EngineEndpoint> {
  const own = await lookAs(transport, 'user', signal);
  const [mine, ...further] = own.open.map((path): EngineEndpoint => ({ path, ways: [{ kind: 'unixSocket', path }, ...passedOn(path, own.tools, 'user')] }));
  if (mine !== undefined) return { ...mine, others: [...further, ...(await rootsBeside(transport, own, signal))] };
  // A folder that only root may enter hides its socket from everybody else.
  const asRoot = transport.privilege === 'sudo' ? await lookAs(transport, 'root', signal) : undefined;
  const [roots, ...others] = asRoot?.open ?? [];
  if (roots !== undefined && asRoot) {
    const ways = passedOn(roots, asRoot.tools, 'root');
    if (ways.length > 0) return { path: roots, ways, others: others.map((path) => ({ path, ways: passedOn(path, asRoot.tools, 'root') })) };
    throw new EngineError('tool-missing', `The engine's socket ${printable(roots)} on ${hostLabel} is root's, and none of docker, podman and socat is there to pass it on. Install one, or add your user to the group "docker".`);
  }
  const [closed] = own.closed;
  if (closed !== undefined) {
    throw new EngineError('no-permission', `You may not open the engine's socket ${printable(closed)} on ${hostLabel}. Add your user to the group "docker", or allow sudo.`);
  }
  throw new EngineError('no-engine', `No container engine was found on ${hostLabel}: there is no socket of Docker or Podman.`);
}

/** Prints what systemd says of podman.socket: the system's, or that of a user by uid, whom root asks for as another one (systemctl(1), --machine=). */
const isActive = 'if [ -z "$1" ]; then set --; elif [ "$(id -u)" = "$1" ]; then set -- --user; else set -- --user "--machine=$1@.host"; fi; systemctl "$@" is-active podman.socket 2>/dev/null';

/**
 * Why a socket that is there takes no connection. A socket outlives its server (unix(7)): `engine-failed` where the server was killed. podman.socket of systemd leaves its own behind
 * when it is stopped (systemd.socket(5), RemoveOnStop=): Podman has no daemon that would be missing then, so that is `no-engine`. @throws TransportError
 */
export async function silentSocket(transport: Transport, path: string, hostLabel: string, cause: EngineError, signal: AbortSignal | undefined): Promise<EngineError> {
  const podman = path.endsWith('/podman/podman.sock');
  const unit = podman ? 'podman.socket' : 'docker';
  // $XDG_RUNTIME_DIR as pam_systemd(8) makes it.
  const uid = /^\/run\/user\/(\d{1,10})\//.exec(path)?.[1];
  const systemctl = uid === undefined ? 'systemctl' : 'systemctl --user';
  const there = `${printable(path)} on ${hostLabel}`;
  const options = { cause };
  if (podman) {
    const { stdout } = await transport.run({ argv: ['sh', '-c', isActive, 'sh', uid ?? ''], privilege: uid === undefined || transport.privilege === 'user' ? 'user' : 'root' }, { limitMs, ...(signal && { signal }) });
    if (stdout.trim() === 'inactive') return new EngineError('no-engine', `Podman's API is switched off: its socket ${there} is there, and systemd serves it no more. Switch it on there (${systemctl} start ${unit}), and read the host again.`, options);
  }
  return new EngineError('engine-failed', `Nobody answers at the engine's socket ${there}: the socket is there, but the engine that made it was killed or has crashed. See there why (${systemctl} status ${unit}), start it (${systemctl} start ${unit}), and read the host again.`, options);
}

/** Sockets that are root's, beside an engine that is open to the user: looked for where one is seen to be closed. */
async function rootsBeside(transport: Transport, own: Awaited<ReturnType<typeof lookAs>>, signal: AbortSignal | undefined): Promise<EngineEndpoint[]> {
  if (transport.privilege !== 'sudo' || own.closed.length === 0) return [];
  const { open, tools } = await lookAs(transport, 'root', signal);
  return open.filter((path) => !own.open.includes(path)).flatMap((path) => (passedOn(path, tools, 'root').length === 0 ? [] : [{ path, ways: passedOn(path, tools, 'root') }]));
}

async function lookAs(transport: Transport, privilege: Command['privilege'], signal: AbortSignal | undefined): Promise<{ open: string[]; closed: string[]; tools: string[] }> {
  const { stdout } = await transport.run({ argv: ['sh', '-c', look], privilege }, { limitMs, ...(signal && { signal }) });
  const of = (word: string) => stdout.split('\n').filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return { open: of('rw'), closed: of('no'), tools: of('tool') };
}

/** Commands whose standard input and output are the socket's. */
function passedOn(path: string, tools: readonly string[], privilege: Command['privilege']): StreamTarget[] {
  const argvs: Readonly<Record<string, Command['argv']>> = {
    docker: ['docker', '-H', `unix://${path}`, 'system', 'dial-stdio'],
    podman: ['podman', '--url', `unix://${path}`, 'system', 'dial-stdio'],
    socat: ['socat', '-', `UNIX-CONNECT:${path}`],
  };
  return tools.flatMap((tool) => {
    const argv = argvs[tool];
    return argv ? [{ kind: 'command', command: { argv, privilege } } as const] : [];
  });
}

/** Opens a stream by the first way that works. `worked` is told which, to begin with it the next time. */
export async function openEngineStream(transport: Transport, endpoint: EngineEndpoint, from: number, worked: (index: number) => void, signal: AbortSignal | undefined): Promise<Duplex> {
  let first: unknown;
  for (let index = from; index < endpoint.ways.length; index++) {
    const way = endpoint.ways[index];
    if (!way) break;
    try {
      const stream = await transport.openStream(way, signal);
      worked(index);
      return stream;
    } catch (error) {
      first ??= error;
      // A server may forbid forwarding; an engine that has gone is told more clearly by its own tool.
      if (!(isTransportError(error) && ['failed', 'vanished', 'no-permission', 'tool-missing'].includes(error.code))) throw error;
    }
  }
  throw first instanceof Error ? first : new EngineError('no-engine', `The engine's socket ${printable(endpoint.path)} could not be opened.`);
}

/** By name: the transport may live in another bundle. */
export function isTransportError(error: unknown): error is TransportError {
  return error instanceof Error && error.name === 'TransportError';
}
