import { execFile } from 'node:child_process';

export interface ToolOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined where it was ended by a signal or its time limit. */
  readonly code: number | undefined;
}

/** Runs a program of this machine by argv. Undefined where it is not installed. */
export function runTool(program: string, argv: readonly string[], options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>>; readonly limitMs: number; readonly signal?: AbortSignal }): Promise<ToolOutput | undefined> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      argv,
      { cwd: options.cwd, env: { ...process.env, ...options.env }, timeout: options.limitMs, maxBuffer: 64 * 1024 * 1024, windowsHide: true, ...(options.signal && { signal: options.signal }) },
      (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr, code: 0 });
        else if (error.code === 'ENOENT') resolve(undefined);
        else if (options.signal?.aborted === true) reject(new DOMException('The import was cancelled.', 'AbortError'));
        else resolve({ stdout, stderr, code: typeof error.code === 'number' ? error.code : undefined });
      },
    );
    child.stdin?.end();
  });
}
