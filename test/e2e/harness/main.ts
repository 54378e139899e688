import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import type { Page } from 'playwright-core';
import { grepVariable, type Reporter, type TestResult } from '../bridge';
import { startBridge, type BridgeHandlers } from './bridgeServer';
import { createDriver } from './driver/driver';
import { printResult } from './results';
import type { ExtensionFolder } from './installFolder';
import { startSession, type StartServer } from './session';

export interface EndToEndOptions {
  readonly extension: ExtensionFolder;
  /** An extension of its own, whose main module `suite.js` also exports `run()`. */
  readonly suite: ExtensionFolder;
  /** Emptied first. */
  readonly artifacts: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** For the extension host. */
  readonly environment: Readonly<Record<string, string>>;
  /** VS Code's server for a browser, or the executable of a desktop VS Code (which nobody drives: tests that need hands are skipped). */
  readonly vscode: { readonly startServer: StartServer } | { readonly desktop: string };
  readonly grep?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Device pixels per CSS pixel in screenshots. */
  readonly scale?: number;
  /** What the suite may call beside the driver. */
  readonly handlers?: (page: Page) => BridgeHandlers;
  /** Of the whole run. */
  readonly limitMs: number;
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the suite in a real VS Code. Never hangs; what was reported until the limit counts, and the limit itself is a failure. */
export async function runEndToEnd(options: EndToEndOptions): Promise<readonly TestResult[]> {
  await rm(options.artifacts, { recursive: true, force: true });
  await mkdir(options.artifacts, { recursive: true });
  const results: TestResult[] = [];
  let finish: (error: string | undefined) => void;
  const finished = new Promise<string | undefined>((resolve) => (finish = resolve));
  const reporter: Reporter = {
    report: (result) => {
      results.push(result);
      printResult(result);
      return Promise.resolve();
    },
    note: (line) => {
      console.log(`    ${line}`);
      return Promise.resolve();
    },
    finished: (error) => {
      finish(error);
      return Promise.resolve();
    },
  };
  const fail = (title: string, error: unknown): void => {
    const result: TestResult = { title, state: 'failed', milliseconds: 0, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    results.push(result);
    printResult(result);
  };

  // Ctrl-C and an ending of the whole test run end what was started here too.
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => stop.abort(new Error(`Stopped by ${signal}.`));
  for (const signal of stopSignals) process.on(signal, onSignal);
  try {
    const error = await ('desktop' in options.vscode
      ? inDesktop(options, options.vscode.desktop, reporter, () => results.some(({ state }) => state === 'failed'), stop.signal)
      : inBrowser(options, options.vscode.startServer, reporter, finished, stop.signal));
    if (error !== undefined) fail('VS Code ran the suite to its end', error);
    if (results.length === 0) fail('the suite has tests', `Nothing was run${options.grep === undefined ? '' : ` that matches "${options.grep}"`}.`);
  } catch (error) {
    fail('VS Code ran the suite to its end', error);
  } finally {
    for (const signal of stopSignals) process.off(signal, onSignal);
  }
  return results;
}

async function inBrowser(options: EndToEndOptions, startServer: StartServer, reporter: Reporter, finished: Promise<string | undefined>, stop: AbortSignal): Promise<string | undefined> {
  // The bridge's address must be in the server's environment before there is a page to drive.
  const handlers: Record<string, BridgeHandlers[string]> = { ...reporter };
  const bridge = await startBridge(handlers);
  try {
    const session = await startSession({
      startServer,
      extensions: [options.extension, options.suite],
      settings: options.settings,
      environment: suiteEnvironment(options, bridge.environment),
      artifacts: options.artifacts,
      ...(options.viewport && { viewport: options.viewport }),
      ...(options.scale !== undefined && { scale: options.scale }),
    });
    try {
      Object.assign(handlers, createDriver(session.page, join(options.artifacts, 'screenshots'), session.smuggled), options.handlers?.(session.page));
      await session.open();
      return await withLimit(Promise.race([finished, session.crash]), options.limitMs, stop);
    } finally {
      await session.close();
    }
  } finally {
    await bridge.close();
  }
}

async function inDesktop(options: EndToEndOptions, executable: string, reporter: Reporter, reportedFailure: () => boolean, stop: AbortSignal): Promise<string | undefined> {
  const bridge = await startBridge({ ...reporter });
  try {
    const code = await withLimit(
      runTests({
        vscodeExecutablePath: executable,
        extensionDevelopmentPath: options.extension.path,
        extensionTestsPath: join(options.suite.path, 'suite.js'),
        extensionTestsEnv: suiteEnvironment(options, bridge.environment),
        launchArgs: ['--disable-extensions', '--disable-workspace-trust', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
      }),
      options.limitMs,
      stop,
    );
    return code === 0 || reportedFailure() ? undefined : `VS Code ended with status ${String(code)}.`;
  } finally {
    await bridge.close();
  }
}

function suiteEnvironment(options: EndToEndOptions, bridge: Readonly<Record<string, string>>): Record<string, string> {
  return { ...options.environment, ...bridge, ...(options.grep !== undefined && { [grepVariable]: options.grep }) };
}

async function withLimit<T>(work: Promise<T>, limitMs: number, stop: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onStop: (() => void) | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The run did not end within ${String(limitMs / 60_000)} minutes.`)), limitMs);
    onStop = () => reject(stop.reason as Error);
    stop.addEventListener('abort', onStop);
    if (stop.aborted) onStop();
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    if (onStop !== undefined) stop.removeEventListener('abort', onStop);
  }
}
