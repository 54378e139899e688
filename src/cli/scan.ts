import { scanTable } from '../core/report/scanTable';
import { madeDevices } from '../core/topology/makers';
import { commonOptions, parseVerb, readCommon, usageError } from './arguments';
import { scanHelp } from './help';
import type { Run } from './run';
import { tell, writeAll, writeResult } from './streams';

/** @returns the exit status. @throws CliError where nothing could be read. */
export async function scan(argv: readonly string[], run: Run): Promise<number> {
  const { values, positionals } = parseVerb('scan', {
    args: [...argv],
    options: { ...commonOptions, json: { type: 'boolean' }, output: { type: 'string' } },
    allowPositionals: true,
  });
  if (values.help === true) {
    await writeAll(process.stdout, scanHelp);
    return 0;
  }
  if (positionals[0] !== undefined) throw usageError('scan', `"${positionals[0]}" is no option. A host is named with --host`);
  const common = readCommon('scan', values);
  const read = await run.readHosts(common);
  try {
    for (const fault of [...read.failures, ...read.faults]) tell(fault);
    // What made devices is concluded, not read: who reads a recorded host concludes it anew.
    const snapshots = read.hosts.map(({ snapshot }) => ({ ...snapshot, makers: madeDevices(read.topology, snapshot.hostId) }));
    const text = values.json === true ? `${JSON.stringify(common.hosts.length === 1 ? snapshots[0] : snapshots, undefined, 2)}\n` : scanTable(read.topology);
    await writeResult(text, values.output);
    return read.complete ? 0 : 1;
  } finally {
    read.dispose();
  }
}
