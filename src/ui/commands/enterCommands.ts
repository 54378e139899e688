import * as vscode from 'vscode';
import { containerShell } from '../../core/command/containerShell';
import { enterCommand, enterWithIpNetns } from '../../core/command/enter';
import { enterTarget, type EnterTarget } from '../../core/command/enterTarget';
import { monitorCommand, type MonitorKind } from '../../core/command/monitor';
import type { HostId } from '../../core/model/address';
import type { HostNode, Topology } from '../../core/model/topology';
import { Notice } from '../notice';
import type { Services } from '../services';
import { printable } from '../text';
import { chooseContainer, chooseTarget, targetTitle } from './choose';
import type { Target } from './target';

const checkLimitMs = 15_000;
const monitors: readonly MonitorKind[] = ['link', 'route', 'neigh'];

export function enterCommands(services: Services) {
  const { explorer, terminals } = services;

  const monitor = async (argument: unknown, solicit: boolean) => {
    const entered = await prepare(services, argument, vscode.l10n.t('Monitor Which Namespace?'));
    if (entered === undefined) return;
    await terminals.openSplit(
      monitors.map((kind) => ({ hostId: entered.hostId, command: monitorCommand(entered.target, kind, { solicit }), title: `${kind} · ${entered.title}`, icon: 'pulse' })),
    );
  };

  return {
    'netnsExplorer.sandbox.enter': async (argument: unknown) => {
      const entered = await prepare(services, argument, vscode.l10n.t('Enter Which Network Namespace?'));
      if (entered !== undefined) await terminals.open({ hostId: entered.hostId, command: enterCommand(entered.target), title: entered.title, icon: 'terminal' });
    },
    'netnsExplorer.sandbox.enterIpNetns': async (argument: unknown) => {
      const entered = await prepare(services, argument, vscode.l10n.t('Enter Which Network Namespace with ip netns?'));
      if (entered !== undefined) await terminals.open({ hostId: entered.hostId, command: enterWithIpNetns(entered.target), title: `ip netns · ${entered.title}`, icon: 'terminal' });
    },
    'netnsExplorer.container.openShell': async (argument: unknown) => {
      const container = await chooseContainer(services, argument, vscode.l10n.t('Open a Shell in Which Container?'));
      if (container === undefined) return;
      const host = explorer.topology.host.get(container.hostId);
      const engine = host?.snapshot.engine;
      if (host === undefined || engine === undefined) return;
      requireLive(services, host, explorer.topology);
      await requireRunning(services, container.hostId, container.engine.id, container.name);
      const kind = container.engine.engine ?? engine.kind;
      await terminals.open({ hostId: container.hostId, command: containerShell(container.engine, kind, host.snapshot.host.privilege === 'user' ? 'user' : 'root'), title: `${kind} · ${container.name}@${host.label}`, icon: 'package' });
    },
    'netnsExplorer.sandbox.monitor': (argument: unknown) => monitor(argument, false),
    'netnsExplorer.sandbox.monitorSoliciting': (argument: unknown) => monitor(argument, true),
  };
}

export interface Entered {
  readonly hostId: HostId;
  readonly target: EnterTarget;
  /** Hostile text. */
  readonly title: string;
}

/** What to enter, after a look whether it is still there: a terminal that opens only to say that it is not would be one thing more to close. */
export async function prepare(services: Services, argument: unknown, question: string): Promise<Entered | undefined> {
  const chosen = await chooseTarget(services, argument, question);
  if (chosen === undefined) return undefined;
  const { topology } = services.explorer;
  requireLive(services, chosen.host, topology);
  const target = enterTarget(topology, chosen.sandbox, chosen.container);
  await requireThere(services, chosen, target);
  return { hostId: chosen.host.id, target, title: targetTitle(chosen, topology) };
}

function requireLive(services: Services, host: HostNode, topology: Topology): void {
  if (services.explorer.transport(host.id).live) return;
  const label = topology.host.get(host.id)?.label ?? host.id;
  throw new Notice(vscode.l10n.t('{0} is a recorded host: nothing can be run on it. Its dumps can be opened as documents, and its networks drawn.', printable(label)));
}

async function requireThere(services: Services, chosen: Target, target: EnterTarget): Promise<void> {
  const transport = services.explorer.transport(chosen.host.id);
  const check = enterCommand({ ...target, rootPids: [] }, { run: ['true'] });
  let stderr: string;
  let code: number | undefined;
  try {
    const output = await transport.run(check, { limitMs: checkLimitMs });
    if (output.code === 0) return;
    ({ stderr, code } = output);
  } catch (error) {
    // On a terminal sudo can ask by itself.
    if ((error as { code?: unknown }).code === 'no-permission') return;
    throw error;
  }
  const said = stderr.trim().split('\n').at(-1) ?? '';
  throw new Notice(said === '' ? vscode.l10n.t('The network namespace net:[{0}] could not be entered ({1}). Refresh the host and try again.', target.inode, code === undefined ? vscode.l10n.t('ended by a signal') : vscode.l10n.t('exit status {0}', code)) : said, {
    title: vscode.l10n.t('Refresh'),
    run: () => services.explorer.refresh(chosen.host.id),
  });
}

async function requireRunning(services: Services, hostId: HostId, id: string, name: string): Promise<void> {
  const refresh = { title: vscode.l10n.t('Refresh'), run: () => services.explorer.refresh(hostId) };
  let record: unknown;
  try {
    record = await (await services.explorer.engine(hostId)).inspect('container', id);
  } catch (error) {
    throw new Notice(error instanceof Error ? error.message : String(error), refresh);
  }
  const running = (record as { State?: { Running?: unknown } } | undefined)?.State?.Running;
  if (running === false) throw new Notice(vscode.l10n.t('The container {0} is not running any more. Start it, then try again.', printable(name)), refresh);
}
