import Mocha from 'mocha';
import { grepVariable, type TestResult } from '../bridge';
import { driver, reporter } from './driver';

/** What happens is reported over the bridge. */
class Silent extends Mocha.reporters.Base {
  override epilogue(): void {
    // Nothing to print here.
  }
}

/**
 * A suite is an extension of its own, beside the one under test: VS Code's own test mode (`extensionTestsPath`) refuses
 * dialogs and hides notifications, which a user sees. `load` imports the tests.
 */
export function suiteOf(load: () => Promise<unknown>): { readonly activate: () => void; readonly run: () => Promise<void> } {
  return {
    activate() {
      runSuite(load).then(
        () => reporter.finished(),
        (error: unknown) => reporter.finished(describeError(error)),
      );
    },
    /** For desktop VS Code, which is started with `extensionTestsPath`. Rejects where a test failed, which VS Code turns into its exit status. */
    async run() {
      const failed = await runSuite(load);
      if (failed > 0) throw new Error(`${String(failed)} failed`);
    },
  };
}

async function runSuite(load: () => Promise<unknown>): Promise<number> {
  const grep = process.env[grepVariable];
  // A page that is driven on a busy machine can miss a click. A second try is told in the results, and a test that needs it is to be mended.
  const mocha = new Mocha({ ui: 'bdd', timeout: 90_000, retries: 1, reporter: Silent, ...(grep !== undefined && { grep }) });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await load();
  const picture = (test: Mocha.Runnable): Promise<void> => driver.screenshot(`failed ${test.fullTitle()}`).catch(() => undefined);
  mocha.suite.afterEach('a picture of what failed', async function () {
    if (this.currentTest?.state === 'failed') await picture(this.currentTest);
  });

  const results: Promise<void>[] = [];
  const report = (test: Mocha.Runnable, state: TestResult['state'], error?: unknown): void => {
    results.push(reporter.report({ title: test.fullTitle(), state, milliseconds: test.duration ?? 0, ...(error !== undefined && { error: describeError(error) }) }));
  };
  const failed = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on('retry', (test: Mocha.Test, error: unknown) => {
        report(test, 'repeated', error);
        results.push(picture(test));
      })
      .on('pass', (test) => report(test, 'passed'))
      .on('fail', (test, error) => {
        report(test, 'failed', error);
        // No afterEach follows a hook.
        if (test instanceof Mocha.Hook) results.push(picture(test));
      })
      .on('pending', (test) => report(test, 'skipped'));
  });
  await Promise.all(results);
  return failed;
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
