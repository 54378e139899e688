import { nestedName, type HostAddress } from '../core/model/address';
import type { Snapshot } from '../core/model/snapshot';
import type { Topology } from '../core/model/topology';
import { errorLines } from '../core/report/errorLines';
import { printable } from '../core/report/printable';
import { buildTopology } from '../core/topology/buildTopology';
import { scanHost } from '../discovery/scan';
import type { EngineClient } from '../host/engine';
import type { HostLog } from '../host/hostLog';
import { Clock } from '../host/ssh/clock';
import { openTransport } from '../host/openTransport';
import type { Questions, Transport } from '../host/transport';
import type { CommonOptions } from './arguments';
import { CliError } from './cliError';
import { wantedHosts, type WantedHost } from './importedHosts';

/** A host that was read, with its connection still open. */
export interface ReadHost {
  readonly transport: Transport;
  readonly label: string;
  readonly snapshot: Snapshot;
  /** Of a host that is no recording. */
  readonly engine?: EngineClient;
}

export interface ReadHosts {
  readonly hosts: readonly ReadHost[];
  readonly topology: Topology;
  /** Hosts that could not be read, one printable line each. */
  readonly failures: readonly string[];
  /** What could not be read of the others, likewise. */
  readonly faults: readonly string[];
  /** Whether everything that is there was read. A host without an engine is complete. */
  readonly complete: boolean;
  dispose(): void;
}

/**
 * Reads all hosts in parallel. @throws CliError with the faults where not one could be read.
 */
export async function readHosts(options: CommonOptions, questions: Questions, log: HostLog, signal: AbortSignal): Promise<ReadHosts> {
  const { hosts: wanted, faults: sourceFaults } = await wantedHosts(options.hosts, options, signal);
  for (const fault of sourceFaults) log.warn(fault);
  const all = unique(wanted);
  const addresses = all.map(({ address }) => address);
  const limits = addresses.map(() => new ConnectLimit(options.limitMs));
  const transports = addresses.map((address, at) =>
    openTransport(address, {
      questions: limits[at]?.questions(questions) ?? questions,
      log,
      client: options.sshClient,
      identityFile: all[at]?.keyFile,
      ...(options.helperImage !== undefined && { helper: { image: options.helperImage } }),
      ...(options.sshConfigFile !== undefined && { sshConfigFile: options.sshConfigFile }),
      ...(options.knownHostsFile !== undefined && { knownHostsFiles: [options.knownHostsFile] }),
    }),
  );
  const engines: EngineClient[] = [];
  const dispose = (): void => {
    for (const engine of engines) engine.dispose();
    for (const transport of transports) transport.dispose();
  };
  try {
    const results = await Promise.allSettled(transports.map((transport, at) => readHost(transport, limits[at], all[at]?.name, engines, options, signal)));
    signal.throwIfAborted();
    const hosts = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failures = results.flatMap((result, index) => {
      const host = all[index];
      return result.status === 'rejected' && host !== undefined ? [`${host.name === undefined ? hostName(host.address) : printable(host.name)}: ${messageOf(result.reason)}`] : [];
    });
    if (hosts.length === 0) throw new CliError(failures.join('\n'));
    const topology = buildTopology(hosts.map(({ transport, label, snapshot }) => ({ id: transport.id, label, snapshot })));
    return {
      hosts,
      topology,
      failures,
      faults: topology.hosts.flatMap(({ label, snapshot }) => errorLines(label, snapshot.errors)),
      complete: failures.length + sourceFaults.length === 0 && topology.hosts.every(({ snapshot }) => snapshot.errors.every((error) => error.code === 'no-engine')),
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Time for a connection alone, which stands still while a person is asked. Every question belongs to connecting, so the clock runs from the first moment on. */
class ConnectLimit {
  readonly #abort = new AbortController();
  readonly #clock: Clock;

  constructor(private readonly limitMs: number) {
    this.#clock = new Clock(limitMs, () => this.#abort.abort());
  }

  questions(questions: Questions): Questions {
    return this.#clock.stopFor(questions);
  }

  /** @throws CliError where the limit came first; TransportError */
  async connect(transport: Transport, signal: AbortSignal): Promise<void> {
    try {
      await transport.connect(AbortSignal.any([signal, this.#abort.signal]));
    } catch (error) {
      if (signal.aborted || !this.#abort.signal.aborted) throw error;
      throw new CliError(`No connection within ${String(this.limitMs / 1000)} s (--timeout). Check that the host runs and that the network leads there.`);
    } finally {
      this.#clock.stop();
    }
  }
}

async function readHost(transport: Transport, limit: ConnectLimit | undefined, name: string | undefined, engines: EngineClient[], { limitMs, sources }: CommonOptions, signal: AbortSignal): Promise<ReadHost> {
  if (transport.live) await limit?.connect(transport, signal);
  const engine = await openEngineOf(transport);
  if (engine !== undefined) engines.push(engine);
  const snapshot = await scanHost(transport, engine, { signal, limitMs, sources });
  return { transport, snapshot, ...(engine && { engine }), label: name ?? (transport.address.kind === 'ssh' ? transport.address.host : snapshot.host.hostname) };
}

async function openEngineOf(transport: Transport): Promise<EngineClient | undefined> {
  if (!transport.live) return undefined;
  return (await import('../host/engineClient')).openEngine(transport);
}

function unique(hosts: readonly WantedHost[]): WantedHost[] {
  const seen = new Set<string>();
  return hosts.filter(({ address }) => {
    const text = JSON.stringify(address);
    return !seen.has(text) && seen.add(text);
  });
}

function hostName(address: HostAddress): string {
  switch (address.kind) {
    case 'local':
      return 'local';
    case 'file':
      return printable(address.path);
    case 'ssh':
      return printable(address.host);
    case 'docker':
      return printable(address.context);
    case 'nested':
      return `${printable(nestedName(address.target))} on ${hostName(address.parent)}`;
  }
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
