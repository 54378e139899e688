import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from './cliError';

/** Where a verb's result goes. @throws CliError where the file cannot be written. */
export async function writeResult(text: string, file: string | undefined): Promise<void> {
  if (file === undefined) return writeAll(process.stdout, text);
  try {
    await writeFile(resolve(file), text);
  } catch (error) {
    throw new CliError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** One line on standard error. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Resolves once the text was handed over: a pipe takes it in its own time, and the process must not end before. */
export function writeAll(stream: NodeJS.WritableStream, text: string | Uint8Array): Promise<void> {
  return new Promise((done, fail) => {
    stream.write(text, (error) => {
      if (error) fail(error);
      else done();
    });
  });
}
