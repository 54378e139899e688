/*
 * Rules of `nft -j list ruleset` that rewrite destinations (libnftables-json(5)), each with its own line of `nft -a list ruleset`. What iptables' nft flavour
 * keeps as a compatible expression (`xt`) tells nothing here; iptables-save shows it.
 */

/** A rule with a `dnat` statement. */
export interface NftRule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly handle: number;
  readonly statements: readonly unknown[];
  /** As nft prints it, without its handle; hostile text (comments). Empty where it was not found. */
  readonly line: string;
}

export interface NftRules {
  readonly rules: readonly NftRule[];
  /** Elements of named maps, by family, table and name. */
  readonly maps: ReadonlyMap<string, readonly unknown[]>;
}

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);
const word = (value: unknown): string => (typeof value === 'string' ? value : '');

/** @throws SyntaxError where `json` is none */
export function parseNftRules(json: string, text: string): NftRules {
  const lines = linesByHandle(text);
  const rules: NftRule[] = [];
  const maps = new Map<string, readonly unknown[]>();
  for (const entry of items(fields(JSON.parse(json)).nftables)) {
    const { rule, map } = fields(entry);
    const { family, table, name, elem } = fields(map);
    if (map !== undefined) maps.set(mapKey(word(family), word(table), word(name)), items(elem));
    const { family: of, table: at, chain, handle, expr } = fields(rule);
    const statements = items(expr);
    if (typeof handle !== 'number' || !statements.some((each) => 'dnat' in fields(each))) continue;
    rules.push({ family: word(of), table: word(at), chain: word(chain), handle, statements, line: lines.get(`${word(of)} ${word(at)} ${word(chain)} ${String(handle)}`) ?? '' });
  }
  return { rules, maps };
}

/** `table ip nat {`, `chain DOCKER { # handle 3`, `… dnat to 172.17.0.2:80 # handle 7`. */
function linesByHandle(text: string): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  let table = '';
  let chain = '';
  for (const line of text.split('\n')) {
    const opened = /^table (\S+) (\S+) \{/.exec(line);
    if (opened) table = `${opened[1] ?? ''} ${opened[2] ?? ''}`;
    chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
    const [, rule, handle] = /^\t\t(.*) # handle (\d+)$/.exec(line) ?? [];
    if (rule !== undefined && handle !== undefined) lines.set(`${table} ${chain} ${handle}`, rule);
  }
  return lines;
}

export interface Publication {
  /** tcp, udp, sctp */
  readonly type: string;
  /** The address that the port is published on; "" or absent: all. */
  readonly ip?: string | undefined;
  readonly publicPort: number;
  readonly privatePort: number;
  /** Of the container, without prefix lengths. */
  readonly addresses: readonly string[];
}

/** The rules that send a published port to its container, as `family table chain: line`. */
export function nftRowsTo({ rules, maps }: NftRules, publication: Publication): string[] {
  return rules
    .filter((rule) => leadsTo(rule, maps, publication))
    .map(({ family, table, chain, handle, line }) => `${family} ${table} ${chain}: ${line === '' ? `handle ${String(handle)}` : line}`);
}

function leadsTo(rule: NftRule, maps: NftRules['maps'], { type, ip, publicPort, privatePort, addresses }: Publication): boolean {
  let port = false;
  for (const statement of rule.statements) {
    const { match, dnat } = fields(statement);
    const { op, left, right } = fields(match);
    const { protocol, field } = fields(fields(left).payload);
    if (field === 'dport') {
      if (!(protocol === type || protocol === 'th') || op !== '==' || !holds(right, publicPort)) return false;
      port = true;
    }
    // A port that is published on one address has that in its rule; a rule for another address serves another publication.
    if (field === 'daddr' && op === '==' && !holds(right, ip)) return false;
    if (fields(fields(left).meta).key === 'l4proto' && op === '==' && !holds(right, type)) return false;
    if (dnat === undefined) continue;
    const target = targetOf(fields(dnat), rule, maps, type, publicPort);
    return target !== undefined && (port || target.mapped) && addresses.includes(target.address) && target.port === privatePort;
  }
  return false;
}

/** Whether a match's right side is, or holds, a value: a value, a range, a prefix, or a set of these. */
function holds(right: unknown, value: string | number | undefined): boolean {
  if (right === value && value !== undefined) return true;
  const { set, range, prefix } = fields(right);
  if (Array.isArray(set)) return set.some((each) => holds(each, value));
  const [from, to] = items(range);
  if (typeof value === 'number' && typeof from === 'number' && typeof to === 'number') return from <= value && value <= to;
  const { addr, len } = fields(prefix);
  return addr === value && (len === 32 || len === 128);
}

/** Where a `dnat` statement leads for a port: an address and perhaps a port, each of which may come from a map with the port as its key. */
function targetOf({ addr, port }: Fields, rule: NftRule, maps: NftRules['maps'], type: string, publicPort: number): { readonly address: string; readonly port: number; readonly mapped: boolean } | undefined {
  const found = mappedValue(addr, rule, maps, type, publicPort);
  const mapped = found !== addr;
  const [address, joined] = items(fields(found).concat).length > 0 ? items(fields(found).concat) : [found, undefined];
  const to = joined ?? mappedValue(port, rule, maps, type, publicPort) ?? publicPort;
  return typeof address === 'string' && typeof to === 'number' ? { address, port: to, mapped } : undefined;
}

function mappedValue(value: unknown, { family, table }: NftRule, maps: NftRules['maps'], type: string, publicPort: number): unknown {
  const { map } = fields(value);
  if (map === undefined) return value;
  const { key, data } = fields(map);
  const { protocol, field } = fields(fields(key).payload);
  if (field !== 'dport' || !(protocol === type || protocol === 'th')) return undefined;
  const elements = typeof data === 'string' ? (maps.get(mapKey(family, table, data.replace(/^@/, ''))) ?? []) : items(fields(data).set);
  const element = elements.map(items).find(([from]) => holds(from, publicPort));
  return element?.[1];
}

const mapKey = (family: string, table: string, name: string): string => `${family} ${table} ${name}`;
