import { formatHostAddress } from '../core/model/address';
import { table } from '../core/report/columns';
import { printable } from '../core/report/printable';
import { parseVerb, usageError } from './arguments';
import { hostsHelp } from './help';
import { findHosts } from './importedHosts';
import type { Run } from './run';
import { tell, writeAll, writeResult } from './streams';

/** The hosts that sources name, without connecting to any. @returns the exit status: 0 all that they name, 1 something is left out, 2 no host. @throws CliError */
export async function hosts(argv: readonly string[], run: Run): Promise<number> {
  const { values, positionals } = parseVerb('hosts', {
    args: [...argv],
    options: { from: { type: 'string', multiple: true }, 'run-vagrant': { type: 'boolean' }, json: { type: 'boolean' }, output: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help === true) {
    await writeAll(process.stdout, hostsHelp);
    return 0;
  }
  if (positionals[0] !== undefined) throw usageError('hosts', `"${positionals[0]}" is no option. A source is named with --from`);
  if (values.from === undefined) throw usageError('hosts', 'Name a source with --from');
  const found = await findHosts({ from: values.from, runVagrant: values['run-vagrant'] === true }, run.signal);
  for (const fault of found.faults) tell(fault);
  const rows = found.hosts.map(({ name, address, keyFile, groups }) => [name ?? '-', formatHostAddress(address), keyFile ?? '-', groups.join(' ') || '-'].map((cell) => printable(cell)));
  const text = values.json === true ? `${JSON.stringify(found.hosts.map(({ address, ...more }) => ({ address: formatHostAddress(address), ...more })), undefined, 2)}\n` : rows.length === 0 ? '' : `${table(['NAME', 'ADDRESS', 'KEY', 'GROUPS'], rows).join('\n')}\n`;
  await writeResult(text, values.output);
  return found.hosts.length === 0 ? 2 : found.faults.length > 0 ? 1 : 0;
}
