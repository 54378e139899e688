import type { EngineContainer, EngineSnapshot } from '../model/engine';
import type { Command } from './command';

/** Of an engine that a user runs without root, its command line speaks to that one's socket. */
const sockets = { docker: (uid: number) => ['-H', `unix:///run/user/${String(uid)}/docker.sock`], podman: (uid: number) => ['--url', `unix:///run/user/${String(uid)}/podman/podman.sock`] } as const;

/** A shell in the container's own file system, by the engine's command line: bash where the container has one. Exits with the shell's status. */
export function containerShell(container: Pick<EngineContainer, 'id' | 'engineUid'>, engine: EngineSnapshot['kind'], privilege: Command['privilege'] = 'root'): Command {
  return {
    argv: [engine, ...(container.engineUid === undefined || container.engineUid === 0 ? [] : sockets[engine](container.engineUid)), 'exec', '-it', container.id, 'sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'],
    privilege,
  };
}
