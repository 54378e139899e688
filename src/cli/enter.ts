import { enterCommand, enterWithIpNetns } from '../core/command/enter';
import { enterTarget } from '../core/command/enterTarget';
import { printable } from '../core/report/printable';
import { commonOptions, parseVerb, readCommon, usageError } from './arguments';
import { CliError } from './cliError';
import { findTarget, type Target } from './findTarget';
import { enterHelp } from './help';
import type { ReadHosts } from './readHosts';
import type { Run } from './run';
import { runHere } from './runHere';
import { tell, writeAll } from './streams';

/** @returns the status of the shell or command. @throws CliError where no namespace was entered. */
export async function enter(argv: readonly string[], run: Run): Promise<number> {
  const end = argv.indexOf('--');
  const command = end < 0 ? [] : argv.slice(end + 1);
  const { values, positionals } = parseVerb('enter', {
    args: end < 0 ? [...argv] : argv.slice(0, end),
    options: { ...commonOptions, 'ip-netns': { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help === true) {
    await writeAll(process.stdout, enterHelp);
    return 0;
  }
  const [target, surplus] = positionals;
  if (target === undefined) throw usageError('enter', 'Say what to enter');
  if (surplus !== undefined) throw usageError('enter', `One TARGET, please: "${surplus}" is one too many. A command follows --`);
  const [program, ...rest] = command;
  if (end >= 0 && program === undefined) throw usageError('enter', 'A command has to follow --');
  if (values['ip-netns'] === true && program !== undefined) throw usageError('enter', '--ip-netns opens a shell and takes no command');
  if (program === undefined && !(process.stdin.isTTY && process.stdout.isTTY)) {
    throw new CliError('A shell needs a terminal on standard input and output. Without one, give a command after --.');
  }
  const read = await run.readHosts(readCommon('enter', values));
  try {
    for (const failure of read.failures) tell(failure);
    const { sandbox, container } = found(read, target);
    const host = read.hosts.find(({ transport }) => transport.id === sandbox.hostId);
    if (host === undefined) throw new CliError(`The host of "${printable(target)}" is gone.`);
    if (!host.transport.live) throw new CliError(`${printable(host.label)} is a recorded host: nothing can be run there.`);
    const way = enterTarget(read.topology, sandbox, container);
    if (values['ip-netns'] === true) return await runHere(host.transport, enterWithIpNetns(way), run.signal);
    return await runHere(host.transport, enterCommand(way, program === undefined ? {} : { run: [program, ...rest] }), run.signal);
  } finally {
    read.dispose();
  }
}

/** What could not be read elsewhere is of no concern, unless it may be why the target is not there. */
function found(read: ReadHosts, target: string): Target {
  try {
    return findTarget(read.topology, target);
  } catch (error) {
    for (const fault of read.faults) tell(fault);
    throw error;
  }
}
