import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CommandOutput } from '../../src/core/command/command';
import { atEnd } from './commandSupport';

/** The bundled command line, as `npm run build` makes it. */
export const cliPath = process.env['NETNS_EXPLORER_CLI'] ?? fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

if (!existsSync(cliPath)) throw new Error(`${cliPath} is not there: run "npm run build" first.`);

export const cliArgv = (...argv: string[]): [string, ...string[]] => [process.execPath, cliPath, ...argv];

export interface CliOptions {
  readonly input?: Buffer;
  readonly onStart?: (pid: number) => void;
  /** At the first output. */
  readonly onOutput?: () => void;
}

/** Runs the command line in a session without a terminal. */
export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CommandOutput & { readonly bytes: Buffer }> {
  // `detached` makes a new session (setsid), which has no controlling terminal to ask on.
  const child = spawn(process.execPath, [cliPath, ...argv], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  atEnd(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);
  const output: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stdout.once('data', () => options.onOutput?.());
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const code = await new Promise<number | undefined>((resolve) => child.on('close', (status) => resolve(status ?? undefined)));
  const bytes = Buffer.concat(output);
  return { stdout: bytes.toString('utf8'), bytes, stderr, code };
}
