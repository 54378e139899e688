/*
 * What a test inside the extension host may ask of the process that drives the page: the user's hands and eyes.
 * Arguments and answers are JSON; the call goes over loopback HTTP with a token of the run.
 */

/** A row of a tree as it is drawn. */
export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** 1 at the top. */
  readonly level: number;
  /** Absent where the row cannot be opened. */
  readonly expanded?: boolean;
  readonly selected: boolean;
  /** What assistive technology reads. */
  readonly ariaLabel: string;
}

/** A row, by its label and those of the rows above it, outermost first. `label#N` is the row with the number N, from 0, among those of its level under one parent. */
export type RowPath = readonly string[];

/** Something in a webview, by its accessible role and name or by a CSS selector. */
export interface InWebview {
  readonly selector: string;
  /** Only what holds this text. */
  readonly text?: string;
}

export interface WebviewElement {
  readonly tag: string;
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly focused: boolean;
  /** In CSS pixels of the page. */
  readonly rectangle: Rectangle;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface ScreenshotOptions {
  readonly clip?: Rectangle;
  /** Of this part of the workbench alone. */
  readonly part?: 'sidebar' | 'editor' | 'panel';
}

export interface Driver {
  /** Writes artifacts/e2e/screenshots/NAME.png. */
  screenshot(name: string, options?: ScreenshotOptions): Promise<void>;
  /** CSS pixels. */
  resize(width: number, height: number): Promise<void>;
  /** A key or chord, as Playwright names them ("Shift+F10"). */
  press(key: string): Promise<void>;
  type(text: string): Promise<void>;

  /** Runs a command from the palette, by its whole title. */
  palette(title: string): Promise<void>;
  /** The rows of an open quick pick, once it is no longer busy. */
  quickPickItems(): Promise<readonly string[]>;
  /** Chooses a row of the open quick pick by its label. */
  quickPick(label: string): Promise<void>;
  /** Replaces the text of the open quick input and accepts it. */
  quickInput(text: string): Promise<void>;
  /** Replaces the text of the open quick input, without accepting it; answers its title, prompt and complaint. */
  quickInputType(text: string): Promise<{ readonly title: string; readonly message: string }>;
  /** Waits for a quick input whose title, prompt or placeholder holds the text. */
  waitForQuickInput(text: string): Promise<void>;

  /** Answers an open or save dialog with an absolute path on the extension's machine. */
  fileDialog(path: string): Promise<void>;

  /** Opens a view container of the activity bar. */
  openSidebar(title: string): Promise<void>;
  sidebarText(): Promise<string>;
  waitForSidebarText(text: string): Promise<void>;
  /** Presses a button of a view's welcome text, or of its title bar. */
  clickInSidebar(name: string): Promise<void>;
  /** Rows on screen, top to bottom. */
  treeRows(): Promise<readonly TreeRow[]>;
  /** Opens every row down to the level, of one branch where it is given, and reads all of them. */
  readTree(levels: number, branch?: RowPath): Promise<readonly TreeRow[]>;
  /** Opens what is above the row, and brings it on screen. */
  revealRow(path: RowPath): Promise<TreeRow>;
  clickRow(path: RowPath): Promise<void>;
  doubleClickRow(path: RowPath): Promise<void>;
  /** Chooses from a row's context menu; `[submenu, entry]` for one in a submenu. */
  rowMenu(path: RowPath, choose: readonly string[]): Promise<void>;
  /** Labels of a row's context menu, which is closed again. */
  rowMenuItems(path: RowPath): Promise<readonly string[]>;
  /** Presses a row's inline action. */
  rowAction(path: RowPath, name: string): Promise<void>;
  /** The text of a row's hover. */
  rowHover(path: RowPath): Promise<string>;

  /** The active terminal's lines, trimmed at the right. */
  terminalLines(): Promise<readonly string[]>;
  /** Types a line into the active terminal and presses Enter. */
  terminalRun(line: string): Promise<void>;
  /** Waits until the terminal's text matches the regular expression; answers the text. */
  terminalWait(pattern: string, limitMs?: number): Promise<string>;
  /** Waits until this many terminals side by side match the regular expression. */
  terminalsWait(count: number, pattern: string, limitMs?: number): Promise<void>;
  /** Waits until the terminal does not say its size any more, as it does after a change. */
  terminalSettled(): Promise<void>;
  /** The words in the active terminal that have a colour of their own. */
  terminalColours(): Promise<readonly string[]>;

  /** Presses a button above the editor in front. */
  clickInEditorTitle(name: string): Promise<void>;

  /** Texts of the notifications on screen. */
  notifications(): Promise<readonly string[]>;
  /** Waits for a notification whose text matches; answers it whole. */
  waitForNotification(pattern: string, limitMs?: number): Promise<string>;
  clickNotification(pattern: string, button: string): Promise<void>;
  /** Waits for a modal dialog; answers its text. */
  waitForDialog(pattern: string, limitMs?: number): Promise<string>;
  clickDialog(button: string): Promise<void>;

  /** Every element of the active webview that the selector finds. */
  webviewQuery(target: InWebview): Promise<readonly WebviewElement[]>;
  /** Waits until the active webview has such an element. */
  webviewWait(target: InWebview, limitMs?: number): Promise<WebviewElement>;
  /** `corner`: at its top left, where a box that holds others is not covered by them. */
  webviewClick(target: InWebview, options?: { readonly corner?: boolean }): Promise<void>;
  webviewFocus(target: InWebview): Promise<void>;
  webviewFill(target: InWebview, text: string): Promise<void>;
  /** Drags the middle of the active webview by CSS pixels. */
  webviewDrag(byX: number, byY: number): Promise<void>;
  /** Turns the wheel over the middle of the active webview by CSS pixels. */
  webviewWheel(byY: number): Promise<void>;

  /** JavaScript dialogs and trap variables that only a script smuggled in by a host's name could have caused. */
  smuggled(): Promise<readonly string[]>;
}

/** How one test went. */
export interface TestResult {
  readonly title: string;
  /** `repeated`: failed at the first try; another result of the same title follows. */
  readonly state: 'passed' | 'failed' | 'skipped' | 'repeated';
  readonly milliseconds: number;
  readonly error?: string;
}

/** What the suite tells the harness, beside its asking of the driver. */
export interface Reporter {
  report(result: TestResult): Promise<void>;
  /** The suite is through; `error` where it could not run to its end. */
  finished(error?: string): Promise<void>;
  /** One line for the harness's output. */
  note(line: string): Promise<void>;
}

/** Set for the extension host: where the bridge listens, and its token. */
export const bridgeUrlVariable = 'NETNS_E2E_BRIDGE';
export const bridgeTokenVariable = 'NETNS_E2E_TOKEN';
/** Only tests whose title matches. */
export const grepVariable = 'NETNS_E2E_GREP';
