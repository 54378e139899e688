import type { DumpCommand } from './dumpCommand';

/*
 * What Open vSwitch tells of itself (ovs-vsctl(8), ovs-appctl(8), ovs-ofctl(8)): POSIX sh, sent as it is and given nothing. A bridge's name may hold anything but a slash;
 * each command is given up after some seconds, since a daemon that hangs answers nothing.
 */

const fromOvs = { package: 'openvswitch-switch', needs: 'openvswitch' } as const;

const forEachBridge = (run: string): string => `ovs-vsctl --timeout=5 list-br | {
  found=
  while IFS= read -r bridge; do
    found=1
    printf '# %s\\n' "$bridge"
    ${run}
  done
  [ -n "$found" ] || printf 'There is no bridge.\\n'
}`;

const ofEach = (program: string, shown: string, run: string): DumpCommand => ({
  ...fromOvs,
  argv: ['sh', '-c', forEachBridge(run)],
  script: { program, shown: `for bridge in $(ovs-vsctl list-br); do ${shown} "$bridge"; done` },
});

/** An old bridge may speak one version of OpenFlow alone: 1.0, which is asked first, or 1.3. */
const openflow = (verb: string): string => `ovs-ofctl --timeout=5 ${verb} "$bridge" || ovs-ofctl --timeout=5 -O OpenFlow13 ${verb} "$bridge"`;

export const openvswitch: readonly DumpCommand[] = [
  {
    ...fromOvs,
    // In a map a key is a word or a quoted string (lib/ovsdb-data.c): both forms are emptied.
    argv: ['sh', '-c', `out=$(ovs-vsctl --timeout=5 show 2>&1)\ncode=$?\nprintf '%s\\n' "$out" | sed -E 's/([{ ]psk=)("([^"\\\\]|\\\\.)*"|[^,}]*)/\\1(not shown)/g'\nexit "$code"`],
    script: { program: 'ovs-vsctl', shown: 'ovs-vsctl show' },
  },
  ofEach('ovs-appctl', 'ovs-appctl fdb/show', 'ovs-appctl --timeout=5 fdb/show "$bridge"'),
  ofEach('ovs-ofctl', 'ovs-ofctl dump-flows', openflow('dump-flows')),
  ofEach('ovs-ofctl', 'ovs-ofctl dump-ports', openflow('dump-ports')),
];
