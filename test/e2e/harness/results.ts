import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestResult } from '../bridge';

/** artifacts/e2e/results.json */
export interface Results {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Titles of tests that passed or failed at the second try only. */
  readonly repeated: readonly string[];
  readonly failures: readonly { readonly title: string; readonly error: string }[];
}

const marks = { passed: '✓', failed: '✗', skipped: '-', repeated: '↻' };

export function printResult(result: TestResult): void {
  console.log(`  ${marks[result.state]} ${result.title} (${String(Math.round(result.milliseconds))} ms)`);
  if (result.error !== undefined) console.log(result.error.replace(/^/gm, '      '));
}

export function summarise(results: readonly TestResult[]): Results {
  const count = (state: TestResult['state']): number => results.filter((result) => result.state === state).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    repeated: results.filter(({ state }) => state === 'repeated').map(({ title }) => title),
    failures: results.filter(({ state }) => state === 'failed').map(({ title, error }) => ({ title, error: error ?? '' })),
  };
}

export async function writeResults(folder: string, results: Results): Promise<void> {
  await writeFile(join(folder, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
}
