import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CommandOutput } from '../../src/core/command/command';

/** The bundled command line, as `npm run build` makes it. */
export const cliPath = process.env['NETNS_EXPLORER_CLI'] ?? fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

if (!existsSync(cliPath)) throw new Error(`${cliPath} is not there: run "npm run build" first.`);

export const cliArgv = (...argv: string[]): [string, ...string[]] => [process.execPath, cliPath, ...argv];

/** Runs the command line in a session without a terminal. */
export async function cli(argv: readonly string[], options: { readonly onStart?: (pid: number) => void } = {}): Promise<CommandOutput> {
  // `detached` makes a new session (setsid), which has no controlling terminal to ask on.
  const child = spawn(process.execPath, [cliPath, ...argv], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const code = await new Promise<number | undefined>((resolve) => child.on('close', (status) => resolve(status ?? undefined)));
  return { stdout, stderr, code };
}
