import { unescapeBytes } from './bytes';

/** A network namespace's bind mount. */
export interface NamespaceMount {
  readonly inode: number;
  /** Absolute in the mount table that it was read from; hostile text, see bytes.ts. */
  readonly path: string;
  /** The process whose table it is in, where the row says so. */
  readonly pid?: number;
}

// proc_pid_mountinfo(5): id, parent, major:minor, root, mount point, …; the root of an nsfs mount is the namespace's name.
const row = /^(?:\/proc\/(\d+)\/mountinfo:)?\d+ \d+ \d+:\d+ net:\[(\d{1,15})\] ([^ \n]+) [^\n]* - nsfs /;

/**
 * The network namespaces of a /proc/PID/mountinfo text, in its order; other rows are left out.
 * A row may be preceded by its file's path and a colon (what `grep` prints of several files).
 */
export function readNamespaceMounts(text: string): NamespaceMount[] {
  const mounts: NamespaceMount[] = [];
  for (const line of text.split('\n')) {
    const match = row.exec(line);
    if (match?.[2] === undefined || match[3] === undefined) continue;
    // What was unlinked while mounted is marked so by the kernel (show_mountinfo); the mark is no part of the path.
    const path = unescapeBytes(match[3]).replace(/\/\/deleted$/, '');
    mounts.push({ inode: Number(match[2]), path, ...(match[1] !== undefined && { pid: Number(match[1]) }) });
  }
  return mounts;
}
