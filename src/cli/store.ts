import { storesText } from '../core/report/storeText';
import { describeRecord, networkNames } from '../core/facts/storeRecords';
import type { HostStores, StoreReading } from '../core/model/store';
import { printable } from '../core/report/printable';
import { buildTopology } from '../core/topology/buildTopology';
import { readStores } from '../discovery/readStores';
import { commonOptions, parseVerb, readCommon, usageError } from './arguments';
import { storeHelp } from './help';
import type { Run } from './run';
import { tell, writeAll, writeResult } from './streams';

/** @returns the exit status: 0 all was read, 1 some of it, 2 nothing. @throws CliError where no host could be read */
export async function store(argv: readonly string[], run: Run): Promise<number> {
  const { values, positionals } = parseVerb('store', {
    args: [...argv],
    options: { ...commonOptions, url: { type: 'string', multiple: true }, json: { type: 'boolean' }, output: { type: 'string' } },
    allowPositionals: true,
  });
  if (values.help === true) {
    await writeAll(process.stdout, storeHelp);
    return 0;
  }
  const [prefix = '', surplus] = positionals;
  if (surplus !== undefined) throw usageError('store', `One PREFIX, please: "${surplus}" is one too many`);
  const common = readCommon('store', values);
  const read = await run.readHosts(common);
  try {
    for (const failure of read.failures) tell(failure);
    const results: { readonly host: string; readonly found: HostStores }[] = [];
    for (const { transport, label, snapshot } of read.hosts) {
      const found = await readStores(transport, {
        hostLabel: label,
        clusterStore: snapshot.engine?.clusterStore,
        settings: [],
        own: buildTopology([{ id: transport.id, label, snapshot }]).hosts[0]?.underlay ?? [],
        prefix,
        signal: run.signal,
        ...(values.url !== undefined && { only: values.url }),
      });
      results.push({ host: label, found });
      for (const { message } of [...found.faults, ...found.stores.flatMap(({ faults }) => faults)]) tell(`${printable(label)}: ${printable(message)}`);
    }
    const several = results.length > 1;
    const text = values.json === true
      ? `${JSON.stringify(results.map(({ host, found }) => ({ host, stores: found.stores.map((each) => ({ ...each, readings: each.readings.map(described) })), faults: found.faults })), undefined, 2)}\n`
      : results.map(({ host, found }) => `${several ? `${printable(host)}:\n` : ''}${storesText(found, prefix)}`).join('\n');
    await writeResult(text, values.output);
    const stores = results.flatMap(({ found }) => found.stores);
    const isWhole = read.failures.length === 0 && results.every(({ found }) => found.faults.length === 0) && stores.every(({ faults }) => faults.length === 0);
    return isWhole ? 0 : stores.some(({ readings }) => readings.length > 0) ? 1 : 2;
  } finally {
    read.dispose();
  }
}

/** Each record with what it is, where that is known. */
function described({ api, records }: StoreReading): object {
  const names = networkNames(records);
  return { api, records: records.map((record) => {
    const is = describeRecord(record, names);
    return is === '' ? record : { ...record, is };
  }) };
}
