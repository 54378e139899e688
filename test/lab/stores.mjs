// A real etcd on node1, and in namespaces of its own an engine that keeps its overlay there. Types: stores.d.mts.
import { readFile } from 'node:fs/promises';
import { execOn } from './client.mjs';

const script = new URL('host/store.sh', import.meta.url);

const control = async (lab, word) => (await execOn(lab, 'node1', ['sh', '-s', word], { input: await readFile(script, 'utf8') })).stdout;

export async function startStore(lab) {
  const [pid, startTicks, network] = (await control(lab, 'start')).trim().split(' ');
  return { address: 'etcd://10.99.7.1:2379', engine: { pid: Number(pid), startTicks: Number(startTicks) }, network };
}

export async function stopStore(lab) {
  await control(lab, 'stop');
}
