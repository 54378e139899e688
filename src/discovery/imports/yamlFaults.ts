import { isScalar, visit, type Document, type ErrorCode, type LineCounter } from 'yaml';
import { printable } from '../../core/report/printable';

/** What is wrong with a file's YAML, by the code of the library's error: its own words tell of its tokens. An entry that is not here is told by the last one. */
const sentences: Partial<Record<ErrorCode, string>> & { readonly other: string } = {
  BAD_ALIAS: 'the name of an alias (*…) is wrong',
  BAD_DIRECTIVE: 'a directive (%…) is wrong',
  BAD_DQ_ESCAPE: 'a text in double quotes has a backslash before a character that may not follow it',
  BAD_INDENT: 'the indentation does not fit what is above it, or a bracket before it is not closed',
  BAD_SCALAR_START: 'a value begins with a character that has to be in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a map or list begins where a single value was expected; see whether a colon or quotes are missing',
  BLOCK_IN_FLOW: 'a map or list by indentation is within brackets',
  KEY_OVER_1024_CHARS: 'a name is longer than 1024 characters',
  MISSING_CHAR: 'a colon, a comma, a quote or a closing bracket is missing',
  MULTILINE_IMPLICIT_KEY: 'a name goes over several lines; see whether a colon is missing',
  MULTIPLE_ANCHORS: 'a value has several anchors (&…)',
  MULTIPLE_DOCS: 'a second document begins (---), and an inventory is one',
  MULTIPLE_TAGS: 'a value has several tags (!…)',
  TAB_AS_INDENT: 'a tab is used as indentation, where YAML takes blanks alone',
  UNEXPECTED_TOKEN: 'something stands here that does not belong here; see the brackets, quotes and colons before it',
  other: 'the syntax is wrong',
};

export function syntaxSentence(code: ErrorCode): string {
  return sentences[code] ?? sentences.other;
}

/** Why a document whose syntax is right became no data, as the end of a sentence, with its place where there is one. The library throws errors without a class of their own. */
export function dataFault(error: unknown, document: Document | undefined, lines: LineCounter, shown: string): string {
  const message = error instanceof Error ? error.message : '';
  if (/unresolved alias/i.test(message) && document !== undefined) {
    const { name, at } = unresolvedAlias(document) ?? { name: '', at: 0 };
    return `${shown}:${placeOf(lines, at)}: the alias *${printable(name)} has no anchor &${printable(name)} before it.`;
  }
  if (/excessive alias count/i.test(message)) return `${shown} cannot be read: its aliases name too many values.`;
  if (error instanceof RangeError) return `${shown} cannot be read: it nests too deep.`;
  return `${shown} cannot be read: it is no YAML that has an inventory in it.`;
}

function unresolvedAlias(document: Document): { readonly name: string; readonly at: number } | undefined {
  const anchors = new Set<string>();
  let found: { readonly name: string; readonly at: number } | undefined;
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) anchors.add(node.anchor);
    },
    Alias(_, node) {
      if (anchors.has(node.source)) return undefined;
      found = { name: node.source, at: node.range?.[0] ?? 0 };
      return visit.BREAK;
    },
  });
  return found;
}

/** As many as a person reads. */
const maxDoubles = 20;

/** Names that stand more than once in one map: Ansible takes the last one, and warns (DUPLICATE_YAML_DICT_KEY). */
export function doubleNames(document: Document, lines: LineCounter, shown: string): string[] {
  const found: { readonly at: number; readonly name: string }[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (!seen.has(key.value)) seen.add(key.value);
        else found.push({ at: key.range?.[0] ?? 0, name: String(key.value) });
      }
    },
  });
  const faults = found
    .sort((a, b) => a.at - b.at)
    .slice(0, maxDoubles)
    .map(({ at, name }) => `${shown}:${placeOf(lines, at)}: "${printable(name)}" stands more than once in one map; as with Ansible, what is last counts, and what is before it is left out.`);
  const more = found.length - faults.length;
  return more === 0 ? faults : [...faults, `${shown}: ${String(more)} more names stand more than once in one map.`];
}

/** `LINE:COLUMN`, both from 1. */
export function placeOf(lines: LineCounter, at: number): string {
  const { line, col } = lines.linePos(at);
  return `${String(line)}:${String(col)}`;
}
