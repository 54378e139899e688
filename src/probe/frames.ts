/** One part of a probe's answer. */
export interface Frame {
  readonly kind: string;
  readonly words: readonly string[];
  /** Without the newline at its end. */
  readonly body: string;
}

export interface Frames {
  /** Those that are whole: another one follows, or they are the last there is. */
  readonly frames: readonly Frame[];
  /** The last frame came, so nothing is missing. */
  readonly ended: boolean;
  /** What was cut off, where anything was. */
  readonly cut?: Frame;
}

/**
 * Splits an answer at the lines that begin with the nonce, which nothing on the host could have known beforehand.
 * What a login prints before the first of them is left out.
 */
export function readFrames(text: string, nonce: string): Frames {
  const frames: Frame[] = [];
  const marker = `\n${nonce} `;
  const source = `\n${text}`;
  let at = source.indexOf(marker);
  while (at >= 0) {
    const next = source.indexOf(marker, at + marker.length);
    const lineEnd = source.indexOf('\n', at + marker.length);
    const end = next < 0 ? source.length : next;
    const line = source.slice(at + marker.length, lineEnd < 0 || lineEnd > end ? end : lineEnd);
    const [kind = '', ...words] = line.split(' ');
    frames.push({ kind, words, body: lineEnd < 0 || lineEnd >= end ? '' : source.slice(lineEnd + 1, end) });
    at = next;
  }
  const last = frames.at(-1);
  if (last?.kind === 'end' && source.endsWith('\n')) return { frames, ended: true };
  frames.pop();
  return { frames, ended: false, ...(last && { cut: last }) };
}
