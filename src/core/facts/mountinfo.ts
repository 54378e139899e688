/** A network namespace's bind mount. */
export interface NamespaceMount {
  readonly inode: number;
  /** Absolute in the mount table that it was read from; hostile text. */
  readonly path: string;
}

// proc_pid_mountinfo(5): id, parent, major:minor, root, mount point, …; the root of an nsfs mount is the namespace's name.
const row = /^\d+ \d+ \d+:\d+ net:\[(\d{1,15})\] (\S+) .* - nsfs /;

/** The network namespaces of a /proc/PID/mountinfo text, in its order; other rows are left out. */
export function readNamespaceMounts(text: string): NamespaceMount[] {
  const mounts: NamespaceMount[] = [];
  for (const line of text.split('\n')) {
    const match = row.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    // What was unlinked while mounted is marked so by the kernel (show_mountinfo); the mark is no part of the path.
    mounts.push({ inode: Number(match[1]), path: unescape(match[2]).replace(/\/\/deleted$/, '') });
  }
  return mounts;
}

/** Blanks, backslashes and newlines are written as octal numbers of their bytes (mangle in fs/proc_namespace.c). */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
