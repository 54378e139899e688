import { snapshotVersion, type Snapshot } from '../core/model/snapshot';
import type { EngineClient } from '../host/engine';
import { TransportError, type Transport } from '../host/transport';

/** The uid of nobody: no probe ran. */
const nobody = 65534;

/**
 * The snapshot of a host of which only the engine is reached: its networks and containers, and no namespaces, which is said.
 * @throws TransportError where the engine said nothing.
 */
export function engineSnapshot(transport: Transport, { snapshot, errors }: Awaited<ReturnType<EngineClient['read']>>, started: Date, now: () => Date): Snapshot {
  if (!snapshot) {
    const [first] = errors;
    throw new TransportError(first?.code ?? 'no-engine', first?.message ?? 'The engine did not answer.');
  }
  const { machine } = snapshot;
  return {
    version: snapshotVersion,
    hostId: transport.id,
    takenAt: started.toISOString(),
    durationMs: Math.max(0, now().getTime() - started.getTime()),
    host: {
      hostname: snapshot.name,
      kernel: machine?.kernel ?? '',
      ...(machine?.os !== undefined && { os: machine.os }),
      cpus: machine?.cpus ?? 0,
      engineOnly: true,
      uid: nobody,
      privilege: 'user',
      ip: 'none',
      tools: [],
    },
    namespaces: [],
    engine: snapshot,
    errors: [
      { place: { kind: 'host' }, code: 'no-permission', message: 'Only what the engine says is shown: its machine has no shell here, so namespaces, devices and routes are not read. Add the machine itself over SSH, or allow a helper container for it, to see them.' },
      ...errors,
    ],
  };
}
