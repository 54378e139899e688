import * as vscode from 'vscode';
import type { Log } from '../../discovery/log';
import type { Notice } from '../notice';
import { messageSafe } from '../text';
import { commandIds, type CommandHandlers } from './commandIds';

/** Registers every command; the handlers are loaded with the first one that is called. What one throws becomes a message that says so, and the log has the rest. */
export function registerCommands(load: () => Promise<CommandHandlers>, report: (error: unknown) => void): vscode.Disposable {
  return vscode.Disposable.from(
    ...commandIds.map((id) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          return await (await load())[id](...args);
        } catch (error) {
          report(error);
          return undefined;
        }
      }),
    ),
  );
}

/** How faults reach a person: a notice as a warning with what mends it, the rest as an error with "Show Log". Says nothing where the person cancelled. */
export function createReporter(log: Log, showLog: () => void): (error: unknown) => void {
  return (error) => {
    void tell(error, log, showLog);
  };
}

async function tell(error: unknown, log: Log, showLog: () => void): Promise<void> {
  if (isCancellation(error)) return;
  if (isNotice(error)) {
    log.info(error.message);
    const { action } = error;
    if (action === undefined) void vscode.window.showWarningMessage(messageSafe(error.message));
    else if ((await vscode.window.showWarningMessage(messageSafe(error.message), action.title)) !== undefined) await action.run();
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  log.error(message, error);
  const show = vscode.l10n.t('Show Log');
  if ((await vscode.window.showErrorMessage(messageSafe(message), show)) === show) showLog();
}

// By name, and code: the class may live in another bundle too.
function isNotice(error: unknown): error is Notice {
  return error instanceof Error && error.name === 'Notice';
}

function isCancellation(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'Canceled' || (error as { code?: unknown }).code === 'cancelled');
}
