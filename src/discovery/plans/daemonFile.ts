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
export async function readDaemonFile(transport: Transport, asked?: string): Promise<{ readonly path: string; readonly text?: string }> {
  if (!transport.live) throw new PlanRefused('This is a recorded host: nothing can be changed there.');
  await transport.connect();
  const path = asked ?? (await ownFile(transport)) ?? usual;
  if (!path.startsWith('/')) throw new PlanRefused(`"${path}" is no absolute path.`);
  const script = 'if [ -e "$1" ]; then cat -- "$1"; else exit 44; fi';
  const { code, stdout, stderr } = await transport.run({ argv: ['sh', '-c', script, 'sh', path], privilege: 'root' }, { limitMs, maxBytes: 1 << 20 });
  if (code === 44) return { path };
  if (code !== 0) throw new PlanRefused(`${path} could not be read: ${stderr.trim()}.`);
  return { path, text: stdout };
}

async function ownFile(transport: Transport): Promise<string | undefined> {
  const script = 'for p in $(pgrep -x dockerd); do [ "$(readlink /proc/$p/ns/mnt)" = "$(readlink /proc/self/ns/mnt)" ] && tr "\\0" "\\n" < "/proc/$p/cmdline" && exit 0; done; exit 0';
  const { stdout } = await transport.run({ argv: ['sh', '-c', script], privilege: 'root' }, { limitMs });
  const words = stdout.split('\n');
  const at = words.indexOf('--config-file');
  return at === -1 ? words.find((word) => word.startsWith('--config-file='))?.slice('--config-file='.length) : words[at + 1];
}
