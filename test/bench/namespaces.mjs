// How long reading all namespaces of a host takes: command by command, as people script it, and by our scan up to a topology.
// Works in network, mount and process namespaces of its own, with whose end all that is made here ends, too.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sizes = [100, 500];
const runs = 5;
/** The least that the scan of 500 must be faster by. */
const wantedRatio = 5;
const root = fileURLToPath(new URL('../..', import.meta.url));

export async function run() {
  if (process.getuid?.() !== 0) {
    console.error('The namespace benchmark needs root: it makes network namespaces.');
    return false;
  }
  const folder = mkdtempSync(join(tmpdir(), 'netns-explorer-bench-'));
  try {
    const bundle = join(folder, 'scan.mjs');
    await build({
      stdin: {
        contents: `export { createLocalTransport } from './src/host/localTransport';
          export { scanHost } from './src/discovery/scan';
          export { buildTopology } from './src/core/topology/buildTopology';`,
        resolveDir: root,
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      loader: { '.sh': 'text' },
      outfile: bundle,
      logLevel: 'warning',
    });
    let good = true;
    for (const size of sizes) {
      const inner = spawnSync(
        'unshare',
        ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', process.execPath, fileURLToPath(import.meta.url), bundle, String(size)],
        { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
      );
      if (inner.status !== 0) throw new Error(`The benchmark of ${String(size)} namespaces ended with status ${String(inner.status)}.`);
      good = report(JSON.parse(inner.stdout)) && good;
    }
    return good;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report({ size, byCommand, byScan, topology, bytes, resolved }) {
  const ratio = median(byCommand) / median(byScan);
  const seconds = (list) => `${(median(list) / 1000).toFixed(3)} s (${list.map((ms) => (ms / 1000).toFixed(3)).join(', ')})`;
  console.log(`${String(size)} namespaces, one veth each, ${String(resolved)} of ${String(size)} veth peers resolved`);
  console.log(`  five nsenter calls per namespace, one after another: ${seconds(byCommand)}`);
  console.log(`  one scan up to the topology:                         ${seconds(byScan)}, of which the topology takes ${median(topology).toFixed(1)} ms`);
  console.log(`  ratio: ${ratio.toFixed(1)}; bytes on the wire: ${String(bytes.sent)} sent, ${String(bytes.received)} received`);
  if (size < 500 || ratio >= wantedRatio) return true;
  console.log(`  below the target of ${String(wantedRatio)}`);
  return false;
}

/** Runs alone in namespaces of its own; prints JSON. */
async function measure(bundle, size) {
  make(size);
  const { createLocalTransport, scanHost, buildTopology } = await import(bundle);
  const local = createLocalTransport({ questions: { unknownHostKey: async () => false, secret: async () => undefined } });
  const bytes = { sent: 0, received: 0 };
  const transport = new Proxy(local, {
    get(target, name) {
      if (name !== 'run') return typeof target[name] === 'function' ? target[name].bind(target) : target[name];
      return async (command, options) => {
        const output = await target.run(command, options);
        bytes.sent = Buffer.byteLength(command.stdin ?? '');
        bytes.received = Buffer.byteLength(output.stdout);
        return output;
      };
    },
  });
  await transport.connect();
  const byCommand = [];
  const byScan = [];
  const topologyMs = [];
  let resolved = 0;
  for (let turn = 0; turn < runs; turn++) {
    byCommand.push(timed(() => check(spawnSync('sh', ['-c', commandByCommand], { stdio: 'ignore' }))));
    const start = performance.now();
    const snapshot = await scanHost(transport, undefined, { limitMs: 60_000 });
    const read = performance.now();
    const topology = buildTopology([{ id: 'local', label: 'local', snapshot }]);
    const end = performance.now();
    byScan.push(end - start);
    topologyMs.push(end - read);
    if (snapshot.errors.length > 0) throw new Error(JSON.stringify(snapshot.errors));
    const made = topology.hosts[0].sandboxes.filter(({ title }) => /^bench\d+$/.test(title));
    if (made.length !== size) throw new Error(`${String(made.length)} namespaces were found, not ${String(size)}.`);
    resolved = made.filter(({ links }) => links.some(({ peer }) => peer?.state === 'resolved')).length;
  }
  console.log(JSON.stringify({ size, byCommand, byScan, topology: topologyMs, bytes, resolved }));
}

const commandByCommand = `
for name in /run/netns/*; do
  nsenter --net="$name" ip -d link show
  nsenter --net="$name" ip addr show
  nsenter --net="$name" ip route show table all
  nsenter --net="$name" ip neigh show
  nsenter --net="$name" bridge fdb show
done`;

/** One veth end in each, all the others in one more namespace. */
function make(size) {
  check(spawnSync('sh', ['-c', 'umount -a -t nsfs; mount -t tmpfs bench /run && mkdir /run/netns'], { stdio: 'inherit' }));
  const names = Array.from({ length: size }, (_, at) => `bench${String(at)}`);
  batch([], ['netns add hub', ...names.map((name) => `netns add ${name}`)]);
  batch(['-n', 'hub'], names.map((name, at) => `link add peer${String(at)} type veth peer name eth0 netns ${name}`));
}

function batch(options, lines) {
  const file = '/run/batch';
  writeFileSync(file, `${lines.join('\n')}\n`);
  check(spawnSync('ip', [...options, '-batch', file], { stdio: 'inherit' }));
  rmSync(file);
}

function check({ status, error }) {
  if (status !== 0) throw new Error(`A command of the benchmark ended with status ${String(status)}.`, { cause: error });
}

function timed(action) {
  const start = performance.now();
  action();
  return performance.now() - start;
}

function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await measure(process.argv[2], Number(process.argv[3]));
