import { decodedValue, describeRecord, networkNames, pathOf, recordsOfNetwork } from '../facts/storeRecords';
import type { HostStores, StoreAnswer, StoreReading, StoreRecord } from '../model/store';
import { table } from './columns';
import { printable, printableText } from './printable';

/** `etcd v2, 9 records`. */
export function readingTitle({ api, records }: StoreReading): string {
  return `${api}, ${records.length === 1 ? '1 record' : `${String(records.length)} records`}`;
}

/** Every store of a host with its keys and what they are; the value too where `prefix` names one key. Printable, many lines. */
export function storesText({ stores, faults }: HostStores, prefix: string): string {
  if (stores.length === 0 && faults.length === 0) return 'No key-value store is known of: neither the engine, flanneld nor the settings name one.\n';
  return `${stores.map((store) => storeText(store, prefix)).join('\n\n')}${stores.length === 0 ? '' : '\n'}`;
}

function storeText(store: StoreAnswer, prefix: string): string {
  const head = `${printable(store.address)} (${printable(store.from)})`;
  if (store.readings.length === 0) return `${head}\n  (not read)`;
  return store.readings.map((reading) => [`${head}, ${readingTitle(reading)}`, ...readingLines(reading, prefix)].join('\n')).join('\n\n');
}

function readingLines({ records }: StoreReading, prefix: string): readonly string[] {
  const names = networkNames(records);
  const rows = table(['KEY', 'WHAT IT IS'], records.map((record) => [printable(record.key), printable(describeRecord(record, names) || shortValue(record))])).map((line) => `  ${line}`);
  const [only] = records;
  const isNamed = only !== undefined && records.length === 1 && prefix !== '' && pathOf(only.key).join('/') === pathOf(prefix).join('/');
  return records.length === 0 ? [] : isNamed ? [...rows, '', printableText(decodedValue(only).text)] : rows;
}

const shortCharacters = 60;

/** The beginning of a value that nothing else is known of. */
export function shortValue({ value, base64 }: StoreRecord): string {
  if (base64 !== undefined) return '(no text)';
  if (value === undefined || value === '') return '';
  const line = value.slice(0, shortCharacters + 1);
  return line.length > shortCharacters ? `${line.slice(0, shortCharacters - 1)}…` : line;
}

/** All that the stores of a host keep of a network, each key with its value. Printable, many lines. */
export function networkRecordsText({ stores, faults }: HostStores, id: string, name: string): string {
  const parts = stores.flatMap((store) => store.readings.flatMap((reading) => networkParts(store, reading, id)));
  const words = [...faults, ...stores.flatMap((store) => store.faults)].map(({ message }) => `# ${printable(message)}`);
  const none = `# ${printable(stores.length === 0 ? 'No key-value store is known of on this host.' : `No record of the network ${name} was found there.`)}`;
  return `${[...words, ...(parts.length === 0 ? [none] : parts)].join('\n\n')}\n`;
}

function networkParts(store: StoreAnswer, reading: StoreReading, id: string): readonly string[] {
  const found = recordsOfNetwork(reading, id);
  if (found.length === 0) return [];
  const names = networkNames(reading.records);
  const head = `# ${printable(store.address)} (${printable(store.from)}), ${reading.api}: ${String(found.length)} of ${String(reading.records.length)} records`;
  return [head, ...found.map((record) => [`# ${printable(record.key)}`, ...(describeRecord(record, names) === '' ? [] : [`# ${printable(describeRecord(record, names))}`]), printableText(decodedValue(record).text)].join('\n'))];
}
