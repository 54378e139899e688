// Records the lab's host node1 into media/sample/node1.json, through the command line as anybody would.
//   node scripts/recordSample.mjs       (after npm run build; brings up a lab of its own)
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labDown, labUp } from '../test/lab/client.mjs';
import { run } from '../test/lab/processes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const sample = join(root, 'media', 'sample', 'node1.json');
const name = 'sample';

/** What a file that is given away must not hold. */
function findSecrets(text, lab) {
  const forbidden = [root.replace(/\/$/, ''), lab.state, homedir(), hostname(), ...Object.values(lab.passwords), 'PRIVATE KEY', 'SWMTKN'];
  // A name as short and common as "vm" or "/" occurs in honest data.
  return forbidden.filter((word) => word.length > 4 && text.includes(word));
}

try {
  const lab = await labUp(name, { say: console.log });
  const draft = `${sample}.draft`;
  try {
    await mkdir(dirname(sample), { recursive: true });
    await run([process.execPath, join(root, 'dist', 'cli.js'), 'scan', '--host', 'ssh://node1', '--ssh-config', lab.sshConfig, '--json', '--output', draft]);
    const text = await readFile(draft, 'utf8');
    const snapshot = JSON.parse(text);
    if (snapshot.errors.length > 0) throw new Error(`The scan was not whole: ${snapshot.errors.map((error) => error.message).join(' ')}`);
    const found = findSecrets(text, lab);
    if (found.length > 0) throw new Error(`The recording holds what it must not: ${found.join(', ')}`);
    await rename(draft, sample);
    console.log(`${sample}: ${snapshot.namespaces.length} namespaces, ${snapshot.engine.containers.length} containers`);
  } finally {
    await rm(draft, { force: true });
    await labDown(name);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
