import type { Services } from '../services';
import type { CommandHandlers } from './commandIds';
import { diagramCommands, exportFromPanel } from './diagramCommands';
import { dumpCommands } from './dumpCommands';
import { enterCommands } from './enterCommands';
import { helperCommands } from './helperCommands';
import { hostCommands } from './hostCommands';
import { importCommands } from './importCommands';
import { planCommands } from './planCommands';
import { snapshotCommands } from './snapshotCommands';
import { storeCommands } from './storeCommands';
import { viewCommands } from './viewCommands';

export { exportFromPanel };

/** Every command's handler. */
export function commandHandlers(services: Services): CommandHandlers {
  return {
    ...hostCommands(services),
    ...helperCommands(services),
    ...importCommands(services),
    ...viewCommands(services),
    ...enterCommands(services),
    ...dumpCommands(services),
    ...diagramCommands(services),
    ...planCommands(services),
    ...snapshotCommands(services),
    ...storeCommands(services),
  };
}
