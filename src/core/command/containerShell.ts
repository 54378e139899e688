import type { EngineContainer, EngineSnapshot } from '../model/engine';
import type { Command } from './command';

/** A shell in the container's own file system, by the engine's command line: bash where the container has one. Exits with the shell's status. */
export function containerShell(container: Pick<EngineContainer, 'id'>, engine: EngineSnapshot['kind'], privilege: Command['privilege'] = 'root'): Command {
  return {
    argv: [engine, 'exec', '-it', container.id, 'sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'],
    privilege,
  };
}
