import type { DaemonFile } from '../../core/plan/docker0Plan';
import { PlanRefused } from '../../core/plan/plan';
import type { Transport } from '../../host/transport';

/** Where dockerd looks without --config-file (dockerd(8)). */
const usual = '/etc/docker/daemon.json';
const limitMs = 15_000;

/**
 * The engine's configuration file as it is now. Which one is told by the running dockerd's own command line, where it says so.
 * @param asked in place of that
 * @throws PlanRefused where it cannot be read, TransportError where the host is not reached
 */
export async function readDaemonFile(transport: Transport, asked?: string): Promise<DaemonFile> {
  if (!transport.live) throw new PlanRefused('This is a recorded host: nothing can be changed there.');
  await transport.connect();
  const path = asked ?? (await ownFile(transport)) ?? usual;
  if (!path.startsWith('/')) throw new PlanRefused(`"${path}" is no absolute path.`);
  const { code, stdout, stderr } = await transport.run({ argv: ['sh', '-c', script, 'sh', path], privilege: 'root' }, { limitMs, maxBytes: 1 << 20 });
  if (code !== 0) throw new PlanRefused(`${path} could not be read: ${stderr.trim()}.`);
  let file: DaemonFile = { path };
  for (const line of stdout.split('\n')) {
    const [what, id = '', base64 = ''] = line.split(' ');
    const bytes = Buffer.from(base64, 'base64');
    const text = bytes.toString();
    if (!Buffer.from(text).equals(bytes)) throw new PlanRefused(`${path} is no UTF-8 text. Mend it first.`);
    if (what === 'path') file = { ...file, path: text };
    else if (what === 'text') file = { ...file, text };
    else if (what === 'kept' || what === 'none') file = { ...file, kept: { ...file.kept, [id]: what === 'none' ? null : text } };
  }
  return file;
}

/** Lines "WHAT ID BASE64": the file where its links lead, and what plans have kept beside it. */
const script = [
  'p=$(readlink -f -- "$1"); [ -n "$p" ] || p=$1',
  'say() { c=$(base64 -w 0 < "$3") && printf "%s %s %s\\n" "$1" "$2" "$c"; }',
  'printf "path - %s\\n" "$(printf %s "$p" | base64 -w 0)"',
  'if [ -e "$p" ]; then say text - "$p" || exit 1; fi',
  'for f in "$p".netns-explorer-*; do [ -e "$f" ] || continue; i=${f##*-}; case $i in *.none) echo "none ${i%.none} " ;; *) say kept "$i" "$f" || exit 1 ;; esac; done',
].join('\n');

async function ownFile(transport: Transport): Promise<string | undefined> {
  const script = 'for p in $(pgrep -x dockerd); do [ "$(readlink /proc/$p/ns/mnt)" = "$(readlink /proc/self/ns/mnt)" ] && tr "\\0" "\\n" < "/proc/$p/cmdline" && exit 0; done; exit 0';
  const { stdout } = await transport.run({ argv: ['sh', '-c', script], privilege: 'root' }, { limitMs });
  const words = stdout.split('\n');
  const at = words.indexOf('--config-file');
  return at === -1 ? words.find((word) => word.startsWith('--config-file='))?.slice('--config-file='.length) : words[at + 1];
}
