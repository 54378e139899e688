import type { StoreEntry } from '../../core/topology/storeTree';
import { printable } from '../text';
import type { Translate } from '../translate';
import { detail, type Presentation } from './row';
import type { StoreShelf } from './treeSource';

/** Where every engine and flanneld have theirs, so that one need not open row by row what holds one row. */
const opened = /^(docker|docker\/network|docker\/network\/v1\.0|coreos\.com|coreos\.com\/network)$/;

/** The category's row: its stores, and when they were read. */
export function presentStores(hostId: string, stores: StoreShelf | undefined, live: string, t: Translate): Presentation {
  const read = stores?.of(hostId);
  const records = read?.tree.entries.reduce((sum, entry) => sum + entry.records, 0) ?? 0;
  const faulty = read !== undefined && (read.tree.faults.length > 0 || read.tree.entries.some(({ faults }) => faults.length > 0));
  return {
    label: t('Key-Value Store'),
    description: stores?.isReading(hostId) === true ? t('reading…') : read === undefined ? t('read when it is opened') : t('{0} records', records),
    icon: 'database',
    ...(faulty && { color: 'list.warningForeground' }),
    contextValue: `category+store+${live}`,
    details: read === undefined ? [] : [detail(t('Key-value store'), t('{0} records', records)), detail(t('Read'), read.readAt.toISOString())],
  };
}

/** A store, a folder of keys, or a key with what it is. */
export function presentStoreEntry(entry: StoreEntry, isNetworkThere: boolean, live: string, t: Translate): Presentation {
  const { kind, name, is, address, from, api, record, children, records, faults, network } = entry;
  if (kind === 'store') {
    return {
      label: printable(name),
      description: printable([api === undefined ? t('not read') : `${api} · ${t('{0} records', records)}`, from].join(' · ')),
      icon: 'database',
      ...(faults.length > 0 && { color: 'list.warningForeground' }),
      contextValue: `store+${live}`,
      expanded: true,
      details: [detail(t('Key-value store'), address), ...(api === undefined ? [] : [detail(t('Interface'), api)]), detail(t('Named by'), from), detail(t('Records'), String(records))],
    };
  }
  return {
    // What an id is stands behind it, and would be out of sight; the hover has the whole key.
    label: printable(/^[0-9a-f]{64}$/.test(name) ? name.slice(0, 12) : name),
    description: printable(is === '' && record === undefined ? String(records) : is),
    icon: children.length > 0 ? 'folder' : record?.json === true ? 'json' : 'symbol-string',
    contextValue: ['storeKey', live, ...(record === undefined ? [] : ['record']), ...(isNetworkThere ? ['network'] : [])].join('+'),
    expanded: opened.test(pathOf(entry)),
    details: [
      ...(record === undefined ? [] : [detail(t('Key'), record.key)]),
      ...(is === '' ? [] : [detail(t('What it is'), is)]),
      ...(record?.ttlSeconds === undefined ? [] : [detail(t('Forgotten in'), t('{0} s', record.ttlSeconds))]),
      ...(network === undefined ? [] : [detail(t('Network'), network.slice(0, 12))]),
      detail(t('Store'), [address, ...(api === undefined ? [] : [api]), from].join(' · ')),
    ],
  };
}

function pathOf({ parent, name }: StoreEntry): string {
  return parent?.kind === 'storeKey' ? `${pathOf(parent)}/${name}` : name;
}
