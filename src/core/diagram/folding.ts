import { compareNames } from '../model/nameOrder';
import type { Attachment } from './frames';
import type { GraphDraft } from './graphDraft';
import { fact } from './linkFacts';
import type { Fact } from './scene';
import { addressLines } from './shownAddresses';

/** Attachments of an opened fold are cut into runs of at most this many, by name. */
const runLength = 50;

/** Many attachments of one bridge or lower device as one box. */
export interface Folding {
  /** The box that the wire leaves from. */
  readonly plug: string;
  /** Id for the port's box. */
  readonly port: string;
  /** Id of the bridge or lower device; empty: none. */
  readonly bar: string;
  readonly count: number;
  readonly facts: readonly Fact[];
}

export interface Folded {
  /** With the box that each stands in. */
  readonly shown: readonly { readonly attachment: Attachment; readonly parent: string }[];
  readonly folded: readonly Attachment[];
  readonly folding?: Folding;
}

export interface FoldOptions {
  readonly parent: string;
  readonly bar: string;
  readonly attachments: readonly Attachment[];
  readonly open: ReadonlySet<string>;
  /** Hostile text; undefined: none. */
  readonly barName: string | undefined;
  /** From this many on: fewer would take no more room than the box that stands for them. */
  readonly from: number;
  /** The namespace whose own attachments are never folded; others are its neighbours. */
  readonly keep?: string;
}

/** Sorts one bar's attachments and folds what is too much to read; an opened fold is shown in groups, each of which closes it. */
export function foldAttachments(draft: GraphDraft, { parent, bar, barName, attachments, open, from, keep }: FoldOptions): Folded {
  const sorted = [...attachments].sort((left, right) => compareNames(left.sandbox.title, right.sandbox.title) || left.node.link.ifindex - right.node.link.ifindex || (left.node.id < right.node.id ? -1 : 1));
  const key = `${parent}|fold|${bar}`;
  const kept = keep === undefined ? [] : sorted.filter(({ sandbox }) => sandbox.id === keep);
  const others = sorted.filter((each) => !kept.includes(each));
  const own = kept.map((attachment) => ({ attachment, parent }));
  if (others.length < from) return { shown: [...own, ...others.map((attachment) => ({ attachment, parent }))], folded: [] };
  const [first, last] = [others[0]?.sandbox.title ?? '', others.at(-1)?.sandbox.title ?? ''];
  const facts = [...fact(keep === undefined ? 'Attached' : 'Neighbours', others.length), ...others.flatMap(({ sandbox, node }) => fact(sandbox.title, [node.link.name, ...addressLines(node.link)].join(' ')))];
  if (open.has(key)) {
    const shown = [...own];
    for (let at = 0; at < others.length; at += runLength) {
      const run = others.slice(at, at + runLength);
      const [head, tail] = [run[0]?.sandbox.title ?? '', run.at(-1)?.sandbox.title ?? ''];
      const group = draft.add({ id: `${key}|${String(at)}`, kind: 'group', parent, lines: [head === tail ? head : `${head} – ${tail}`, String(run.length)], facts: [...fact('Attached', run.length)], fold: { key, open: true } });
      for (const attachment of run) shown.push({ attachment, parent: group });
    }
    return { shown, folded: [] };
  }
  const containers = others.every(({ sandbox }) => sandbox.role === 'container');
  const noun = keep === undefined ? (containers ? 'containers' : 'namespaces') : 'neighbours';
  const box = draft.add({ id: key, kind: 'container', parent, lines: [`${String(others.length)} ${noun}`], facts, fold: { key, open: false } });
  const what = `${keep !== undefined && containers ? 'containers ' : ''}${barName === undefined ? '' : `on ${barName}`}`.trim();
  const plug = draft.add({ id: `${key}|if`, kind: 'interface', parent: box, lines: [...(what === '' ? [] : [what]), `${first} …`, `… ${last}`], facts });
  return { shown: own, folded: others, folding: { plug, port: `${key}|port`, bar, count: others.length, facts } };
}
