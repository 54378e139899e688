import { createWriteStream } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { installFolders, type ExtensionFolder } from './installFolder';

/** scripts/codeServer.mjs: VS Code's own server, installed in a cache folder. */
export type StartServer = (options: {
  readonly userDataDir: string;
  readonly extensionsDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly logFile: string;
}) => Promise<{ readonly url: string; stop(): Promise<void> }>;

export interface SessionOptions {
  readonly startServer: StartServer;
  /** Installed into a fresh extensions folder. */
  readonly extensions: readonly ExtensionFolder[];
  /** An extensions folder in use, instead of a fresh one with `extensions`. */
  readonly extensionsDir?: string;
  /** User settings, beside those that keep VS Code quiet. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** For the extension host and its terminals. */
  readonly environment: Readonly<Record<string, string>>;
  readonly artifacts: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Device pixels per CSS pixel. */
  readonly scale?: number;
}

export interface Session {
  readonly page: Page;
  /** The folder that is open in the workbench. */
  readonly folder: string;
  /** What only a script smuggled in by a host's name could have done. */
  readonly smuggled: string[];
  /** Opens the workbench, which starts the extensions. */
  open(): Promise<void>;
  /** Rejects where the page crashes. */
  readonly crash: Promise<never>;
  /** Ends browser and server, keeps their logs among the artefacts, and removes the temporary folders. */
  close(): Promise<void>;
}

/** Nothing that asks, greets, phones out or moves on its own. */
const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.reduceMotion': 'on',
  'workbench.settings.enableNaturalLanguageSearch': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'npm.autoDetect': 'off',
  'security.workspace.trust.enabled': false,
  'terminal.integrated.gpuAcceleration': 'off',
  'terminal.integrated.shellIntegration.enabled': false,
  'terminal.integrated.enablePersistentSessions': false,
  'terminal.integrated.confirmOnKill': 'never',
  'terminal.integrated.cursorBlinking': false,
  'editor.cursorBlinking': 'solid',
  'window.commandCenter': false,
  'window.confirmBeforeClose': 'never',
};

const browserArguments = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--force-color-profile=srgb', '--font-render-hinting=none'],
];

const actionLimitMs = 15_000;
const loadLimitMs = 60_000;

export function chromiumPath(): string {
  return process.env.NETNS_CHROMIUM ?? '/usr/bin/chromium';
}

/** A fresh VS Code in a fresh browser: own user data, own extensions folder, nothing beyond loopback. */
export async function startSession(options: SessionOptions): Promise<Session> {
  const temporary = await mkdtemp(join(tmpdir(), 'netns-e2e-'));
  const userDataDir = join(temporary, 'user-data');
  const folder = join(temporary, 'workspace');
  const extensionsDir = options.extensionsDir ?? join(temporary, 'extensions');
  await Promise.all([join(userDataDir, 'User'), folder, extensionsDir, join(options.artifacts, 'screenshots')].map((path) => mkdir(path, { recursive: true })));
  await writeFile(join(userDataDir, 'User', 'settings.json'), JSON.stringify({ ...quiet, ...options.settings }, undefined, 2));

  if (options.extensionsDir === undefined) await installFolders(extensionsDir, options.extensions);

  const closers: (() => Promise<unknown>)[] = [() => rm(temporary, { recursive: true, force: true, maxRetries: 5 })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    closers.push(() => cp(join(userDataDir, 'logs'), join(options.artifacts, 'logs'), { recursive: true, force: true }).catch(() => undefined));
    const server = await options.startServer({
      userDataDir,
      extensionsDir,
      env: options.environment,
      args: ['--log', 'info'],
      logFile: join(options.artifacts, 'server.log'),
    });
    closers.push(() => server.stop());

    const browser = await chromium.launch({ executablePath: chromiumPath(), headless: true, args: browserArguments });
    closers.push(() => browser.close());
    const context = await browser.newContext({
      viewport: options.viewport ?? { width: 1400, height: 900 },
      deviceScaleFactor: options.scale ?? 1,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(actionLimitMs);
    // Whatever VS Code would fetch from elsewhere fails at once here as it would fail, slower, on a machine without a network.
    await context.route((url) => url.hostname !== '127.0.0.1', (route) => route.abort());
    const page = await context.newPage();

    const consoleLog = createWriteStream(join(options.artifacts, 'console.log'));
    closers.push(() => new Promise<void>((resolve) => consoleLog.end(resolve)));
    const smuggled: string[] = [];
    page.on('console', (message) => consoleLog.write(`${message.type()}: ${message.text()}\n`));
    page.on('pageerror', (error) => consoleLog.write(`page error: ${error.stack ?? error.message}\n`));
    page.on('dialog', (dialog) => {
      // The workbench itself asks only before it unloads.
      if (dialog.type() !== 'beforeunload') smuggled.push(`${dialog.type()}: ${dialog.message()}`);
      void dialog.accept();
    });

    const crash = new Promise<never>((_, reject) => {
      page.on('crash', () => reject(new Error('The page crashed.')));
    });
    // Heard by whoever waits; not a fault of its own where nobody does.
    crash.catch(() => undefined);

    const url = new URL(server.url);
    url.searchParams.set('folder', folder);
    return {
      page,
      folder,
      smuggled,
      crash,
      async open() {
        await page.goto(url.href);
        await page.locator('.monaco-workbench').waitFor({ timeout: loadLimitMs });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
