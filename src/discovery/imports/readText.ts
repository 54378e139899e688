import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { printable } from '../../core/report/printable';

/** A regular file's text, or a sentence on why it cannot be had. */
export async function readText(path: string, maxBytes: number): Promise<{ readonly text: string } | { readonly fault: string }> {
  const shown = printable(path);
  let file;
  try {
    // A pipe without a writer would be waited for without end.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) return { fault: `${shown} is no file.` };
    if (facts.size > maxBytes) return { fault: `${shown} is larger than ${String(maxBytes / 1024 / 1024)} MiB; that is no file to import hosts from.` };
    return { text: await file.readFile('utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { fault: code === 'ENOENT' ? `There is no ${shown}.` : `${shown} cannot be read (${printable(code ?? String(error))}).` };
  } finally {
    await file?.close();
  }
}
