import { readOvs, switchState } from '../core/facts/ovs';
import type { OvsFacts } from '../core/model/ovs';
import type { ReadError } from '../core/model/snapshot';
import { printable } from '../core/report/printable';
import type { Frame } from './frames';

type Words = Pick<ReadError, 'code' | 'message'>;

const start = 'Start it on the host (systemctl start openvswitch-switch, or ovs-ctl start), then read the host again.';

/**
 * Frame "ovs asked|absent STATE": the tables of an Open vSwitch database, or why there are none. A half-started Open vSwitch is one sentence.
 * No frame: there is none on the host, and no error.
 */
export function readOvsFrame(frame: Frame | undefined): { readonly facts?: OvsFacts; readonly errors: readonly ReadError[] } {
  if (!frame) return { errors: [] };
  const daemon = switchState(frame.words[1]);
  if (frame.words[0] === 'absent') return { errors: [error(noServer)] };
  const { bridges, other, whole } = readOvs(frame.body);
  const complaint = other.join('\n');
  if (!whole && bridges.length === 0) return { errors: [error(whyNotRead(complaint), complaint)] };
  const facts: OvsFacts = { daemon, bridges };
  return { facts, errors: [...(whole ? [] : [error(partly, complaint)]), ...(daemon === 'running' ? [] : [error(daemonWords[daemon])])] };
}

const noServer: Words = { code: 'failed', message: `Open vSwitch has a database on this host, but ovsdb-server does not run, so its bridges are not shown. ${start}` };
const partly: Words = { code: 'garbled', message: 'Not all of what ovs-vsctl printed is a table of the Open vSwitch database; what could be read of it is shown.' };
const daemonWords: Readonly<Record<'stopped' | 'none', Words>> = {
  none: { code: 'failed', message: `ovs-vswitchd does not run on this host, so what the Open vSwitch database says is not done. ${start}` },
  stopped: { code: 'failed', message: 'ovs-vswitchd is stopped on this host (by a signal or a debugger), so its bridges in user space forward nothing, and changes of its database are not done. Let it go on (kill -CONT), or restart Open vSwitch, then read the host again.' },
};

/** The complaints are those of lib/fatal-signal.c, lib/stream-unix.c and ovs-vsctl itself. */
function whyNotRead(complaint: string): Words {
  if (/permission denied/i.test(complaint)) return { code: 'no-permission', message: 'Only root may read the Open vSwitch database. Connect as root, or allow sudo.' };
  if (/alarm clock|signal 14/i.test(complaint)) return { code: 'time-limit', message: 'The Open vSwitch database did not answer within 3 s: ovsdb-server hangs, so its bridges are not shown. Restart Open vSwitch on the host, then read the host again.' };
  if (/connection refused|no such file/i.test(complaint)) return { code: 'failed', message: `ovsdb-server has ended and left its socket behind, so the bridges of Open vSwitch are not shown. ${start}` };
  return { code: complaint === '' ? 'failed' : 'garbled', message: 'The Open vSwitch database could not be read: ovs-vsctl printed something else than its tables. Run "ovs-vsctl show" on the host to see why.' };
}

function error(words: Words, complaint = ''): ReadError {
  const detail = complaint.split('\n').slice(0, 3).map((line) => printable(line).slice(0, 200)).join('\n').trim();
  return { place: { kind: 'host' }, ...words, ...(detail !== '' && { detail }) };
}
