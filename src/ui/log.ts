import type * as vscode from 'vscode';
import type { Log } from '../discovery/log';

/** The log's channel in the output panel, as the layers below know it. */
export function createLog(channel: vscode.LogOutputChannel): Log {
  return {
    info: (message) => channel.info(message),
    warn: (message) => channel.warn(message),
    error: (message, cause) => {
      if (cause === undefined) channel.error(message);
      else channel.error(message, cause instanceof Error ? (cause.stack ?? cause.message) : cause);
    },
  };
}
