// Records what Debian's ip and bridge say of every kind of device on a virtual machine, for test/fixtures/debian-12-every-device:
// node test/lab/machines/recordDevices.mjs
import { mkdir, writeFile } from 'node:fs/promises';
import { everyDevice } from './everyDevice.mjs';
import { startMachines } from './machines.mjs';

const folder = new URL('../../fixtures/debian-12-every-device/', import.meta.url);
const recorded = {
  'addr.json': 'ip -j -d addr show',
  'addr.txt': 'ip -d addr show',
  'route.json': 'ip -j -d route show table all',
  'route.txt': 'ip -d route show table all',
  'vlan.json': 'bridge -j vlan show',
  'vlan.txt': 'bridge vlan show',
  'fdb.json': 'bridge -j fdb show',
  'fdb.txt': 'bridge fdb show',
};

const machines = await startMachines();
try {
  machines.run('vm1', everyDevice('192.168.57.11', '192.168.57.12'));
  await mkdir(folder, { recursive: true });
  for (const [name, command] of Object.entries(recorded)) await writeFile(new URL(name, folder), machines.run('vm1', command));
} finally {
  await machines.stop();
}
