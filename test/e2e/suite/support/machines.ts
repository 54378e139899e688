import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as MachinesModule from '../../../lab/machines/machines.mjs';

/** The two virtual machines with Debian's own kernel; found at run time, since the suite is bundled elsewhere. */
export async function startMachines(): Promise<MachinesModule.Machines> {
  const project = process.env.NETNS_PROJECT;
  if (project === undefined) throw new Error('NETNS_PROJECT is not set: start this suite by "npm run test:e2e".');
  const { startMachines: start } = (await import(pathToFileURL(join(project, 'test/lab/machines/machines.mjs')).href)) as typeof MachinesModule;
  return start();
}
