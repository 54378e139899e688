import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Command } from '../core/command/command';
import type { TerminalSession, Transport } from '../host/transport';
import { CliError } from './cliError';
import { writeAll } from './streams';

/** A day: a command that runs without a terminal is ended by its user, not by us. */
const limitMs = 24 * 60 * 60 * 1000;

/**
 * Runs a command on this process's own terminal. Without one, a local command has this process's own streams; a remote one gets no input, and
 * its output comes when it has ended. @returns its exit status, 128 + N where signal N ended it. @throws TransportError
 */
export async function runHere(transport: Transport, command: Command, signal: AbortSignal): Promise<number> {
  const onTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (!onTerminal && transport.address.kind !== 'local') {
    const output = await transport.run(command, { limitMs, signal });
    await writeAll(process.stderr, output.stderr);
    await writeAll(process.stdout, output.stdout);
    return output.code ?? 255;
  }
  const session = await transport.openTerminal(command, { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }, signal);
  return session.kind === 'spawn' ? spawned(session.argv) : joined(session, transport);
}

/** Shares this process's terminal. Ctrl-C is the child's business; it reaches it without us. */
function spawned([program, ...rest]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolve, reject) => {
    const leaveToChild = (): void => undefined;
    process.on('SIGINT', leaveToChild);
    process.on('SIGQUIT', leaveToChild);
    const child = spawn(program, rest, { stdio: 'inherit' });
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGTERM', pass);
    process.on('SIGHUP', pass);
    child.on('error', (error) => reject(new CliError(`${program} cannot be started: ${error.message}.`)));
    child.on('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGQUIT'] as const) process.off(name, leaveToChild);
      for (const name of ['SIGTERM', 'SIGHUP'] as const) process.off(name, pass);
      resolve(code ?? (signal === null ? 255 : 128 + constants.signals[signal]));
    });
  });
}

/** Passes this process's terminal, in raw mode, to one on the host. */
function joined(session: Extract<TerminalSession, { kind: 'remote' }>, transport: Transport): Promise<number> {
  return new Promise((resolve, reject) => {
    const { stdin, stdout } = process;
    const resize = (): void => session.resize({ columns: stdout.columns, rows: stdout.rows });
    const type = (text: string | Buffer): void => session.write(String(text));
    const hangUp = (): void => session.close();
    const unregister = transport.onDidClose((error) => {
      restore();
      reject(error);
    });
    const restore = (): void => {
      unregister();
      stdin.off('data', type);
      stdin.setRawMode(false);
      stdin.pause();
      stdout.off('resize', resize);
      process.off('SIGHUP', hangUp);
      process.off('SIGTERM', hangUp);
    };
    stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    stdin.on('data', type);
    stdout.on('resize', resize);
    process.on('SIGHUP', hangUp);
    process.on('SIGTERM', hangUp);
    session.onData((text) => stdout.write(text));
    session.onExit((code) => {
      restore();
      resolve(code ?? 255);
    });
  });
}
