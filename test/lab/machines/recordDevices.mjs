// Records what Debian's ip and bridge say of every kind of device on a virtual machine, for test/fixtures/debian-12-every-device:
// node test/lab/machines/recordDevices.mjs
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { everyDevice } from './everyDevice.mjs';
import { startMachines } from './machines.mjs';

const folder = new URL('../../fixtures/debian-12-every-device/', import.meta.url);
const recorded = {
  'addr.json': ['ip', '-j', '-d', 'addr', 'show'],
  'addr.txt': ['ip', '-d', 'addr', 'show'],
  'route.json': ['ip', '-j', '-d', 'route', 'show', 'table', 'all'],
  'route.txt': ['ip', '-d', 'route', 'show', 'table', 'all'],
  'vlan.json': ['bridge', '-j', 'vlan', 'show'],
  'vlan.txt': ['bridge', 'vlan', 'show'],
  'fdb.json': ['bridge', '-j', 'fdb', 'show'],
  'fdb.txt': ['bridge', 'fdb', 'show'],
};

const machines = await startMachines();
try {
  await on('vm1', ['sh', '-s'], everyDevice('192.168.57.11', '192.168.57.12'));
  await mkdir(folder, { recursive: true });
  for (const [name, argv] of Object.entries(recorded)) await writeFile(new URL(name, folder), await on('vm1', argv));
} finally {
  await machines.stop();
}

function on(machine, argv, input = '') {
  return new Promise((resolve, reject) => {
    const child = execFile('ssh', ['-F', machines.sshConfig, machine, ...argv], { timeout: 60_000 }, (error, stdout, stderr) => (error ? reject(new Error(`${machine}: ${stderr}`)) : resolve(stdout)));
    child.stdin?.end(input);
  });
}
