// Makes a host's `ip` wait at one step of a plan, so that a test can take the editor or the connection away in the middle of it.
import { execOn } from './client.mjs';
import { waitFor } from './wait.mjs';

const folder = '/run/held-ip';

/**
 * From now on `ip link set … alias …` on that host waits until `release`, and then fails: it has done nothing.
 * @returns {Promise<{ reached(): Promise<void>, release(): Promise<void> }>} `reached` resolves once somebody waits
 */
export async function holdIp(lab, host) {
  const sh = (script, ...values) => execOn(lab, host, ['sh', '-c', script, 'sh', folder, ...values], { check: false });
  const wrapper = ['#!/bin/sh', `case "$*" in "link set "*" alias netns-explorer "*) : > ${folder}/held; while [ -e ${folder}/on ]; do sleep 0.1; done; exit 1 ;; esac`, `exec ${folder}/ip.real "$@"`, ''].join('\n');
  const made = await sh('mkdir "$1" && real=$(readlink -f "$(command -v ip)") && cp "$real" "$1/ip.real" && printf %s "$2" > "$1/ip" && chmod 755 "$1/ip" && : > "$1/on" && mount --bind "$1/ip" "$real" && printf %s "$real"', wrapper);
  if (made.code !== 0) throw new Error(`ip could not be replaced on ${host}: ${made.stderr}`);
  return {
    reached: () => waitFor('a plan to reach the step that waits', async () => (await sh('[ -e "$1/held" ]')).code === 0, 60_000),
    async release() {
      await sh('rm -f "$1/on"; umount -l "$2"; rm -rf "$1"', made.stdout);
    },
  };
}

/** Ends every SSH connection of a host and lets no new one in, as a machine that is switched off, but at once. @returns what lets them in again */
export async function refuseSsh(lab, host) {
  const rule = 'INPUT -p tcp --dport 22 -j REJECT --reject-with tcp-reset';
  await execOn(lab, host, ['sh', '-c', `iptables -w -I ${rule}; listener=$(ss -Hltnp sport = :22 | sed -n 's/.*pid=\\([0-9]*\\).*/\\1/p' | head -n 1); for p in $(cat "/proc/$listener/task/$listener/children"); do kill -9 "$p"; done`]);
  return () => execOn(lab, host, ['sh', '-c', `iptables -w -D ${rule}`]);
}
