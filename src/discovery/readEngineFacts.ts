import type { EngineFacts } from '../core/report/engineSettings';
import type { Transport } from '../host/transport';

/** Where dockerd looks without --config-file (dockerd(8)). */
const usual = '/etc/docker/daemon.json';
const limitMs = 15_000;

/** Of the first dockerd in the mount namespace that commands run in: a nested engine's settings are its own. Pid, then its arguments, NUL between them. */
const running = 'for d in /proc/[0-9]*; do read -r c < "$d/comm" 2>/dev/null || continue; [ "$c" = dockerd ] || continue; [ "$(readlink "$d/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" ] || continue; printf "%s\\0" "${d#/proc/}"; cat "$d/cmdline"; exit; done';

/** Whether a file was written after a process began: field 22 of its stat, in ticks of getconf CLK_TCK since the boot that /proc/stat tells (proc(5)). The name in field 2 may hold blanks. */
const changedSince = 't=$(sed "s/.*) //" "/proc/$2/stat" | cut -d" " -f20) && b=$(sed -n "s/^btime //p" /proc/stat) && [ "$(stat -Lc %Y -- "$1")" -gt $((b + t / $(getconf CLK_TCK 2>/dev/null || echo 100) + 1)) ]';

/** How a host's Docker engine was started and configured. @throws TransportError where the host is not reached */
export async function readEngineFacts(transport: Transport, signal?: AbortSignal): Promise<EngineFacts> {
  const options = { limitMs, maxBytes: 1 << 20, ...(signal !== undefined && { signal }) };
  const [pid, ...argv] = (await transport.run({ argv: ['sh', '-c', running], privilege: 'root' }, options)).stdout.split('\0').slice(0, -1);
  const path = configFile(argv) ?? usual;
  const { code, stdout, stderr } = await transport.run({ argv: ['sh', '-c', '[ -e "$1" ] || exit 44; cat -- "$1"', 'sh', path], privilege: 'root' }, options);
  const newer = pid !== undefined && argv.length > 0 && code === 0 && (await transport.run({ argv: ['sh', '-c', changedSince, 'sh', path, pid], privilege: 'root' }, options)).code === 0;
  return {
    ...(argv.length > 0 && { argv, pid: Number(pid) }),
    file: { path, ...(code === 0 && { text: stdout }), ...(newer && { newer }) },
    faults: code === 0 || code === 44 ? [] : [`${path} could not be read: ${stderr.trim() || `status ${String(code ?? 'unknown')}`}.`],
  };
}

function configFile(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--config-file');
  return at === -1 ? argv.find((word) => word.startsWith('--config-file='))?.slice('--config-file='.length) : argv[at + 1];
}
