import { describe, expect, it } from 'vitest';
import { iconSafe, markdownSafe, messageSafe, pathSegment, printable, terminalName } from '../../../src/ui/text';

const hostile = 'a\nb\x1b[31m\u202e $(trash) [x](command:evil) <img src=x> | `c` **d**';

describe('hostile names', () => {
  it('are one printable line in labels', () => {
    const shown = printable(hostile);
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(shown).toContain('a\\nb\\x1b[31m');
  });

  it('are cut where they are long', () => {
    expect(printable('x'.repeat(500), 80)).toHaveLength(80);
    expect(printable('x'.repeat(500), 80).endsWith('…')).toBe(true);
  });

  it('make no icon in quick picks', () => {
    expect(iconSafe('$(trash) $(sync~spin)')).toBe('\\$(trash) \\$(sync~spin)');
    // No icon to VS Code, so its escape would be shown.
    expect(iconSafe('$(touch x) $() $HOME')).toBe('$(touch x) $() $HOME');
  });

  it('make no icon in names of terminals', () => {
    expect(terminalName('$(sync~spin)@node1 $(touch x)\x1b')).toBe('$ (sync~spin)@node1 $(touch x)\\x1b');
  });

  it('make no link in messages', () => {
    expect(messageSafe(hostile)).not.toMatch(/\]\(/);
  });

  it('make no markup, link or table cell in tooltips', () => {
    const shown = markdownSafe(hostile);
    // Every ASCII punctuation is behind a backslash, so CommonMark reads all of it as text.
    expect(shown.replace(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(/[!-/:-@[-`{-~]/);
    expect(markdownSafe('https://x.example www.x.example')).toBe('https\\:\\/\\/x\\.example www\\.x\\.example');
  });

  it('stay within their path segment', () => {
    expect(pathSegment('../../etc/passwd')).toBe('..-..-etc-passwd');
    expect(pathSegment('..')).toBe('-');
    expect(pathSegment('')).toBe('-');
    expect(pathSegment('a/b?c#d%e')).toBe('a-b-c-d-e');
  });
});
