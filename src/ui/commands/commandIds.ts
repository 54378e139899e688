/*
 * Every command, once: the handlers are a mapped type of this table, and a test holds it equal to `contributes.commands`.
 */

/** What can be dumped, by the ids of src/core/command/dumps.ts. */
export const dumpNouns = [
  'links',
  'counters',
  'offloads',
  'addresses',
  'routes',
  'neighbours',
  'bridges',
  'fdb',
  'openvswitch',
  'weave',
  'wireguard',
  'xfrm',
  'firewall',
  'ipvs',
  'listening',
  'sockets',
  'conntrackSummary',
  'conntrack',
  'sysctls',
  'allSysctls',
] as const;

export type DumpNoun = (typeof dumpNouns)[number];

const plain = [
  'netnsExplorer.host.addSsh',
  'netnsExplorer.host.addLocal',
  'netnsExplorer.host.addNested',
  'netnsExplorer.host.addNode',
  'netnsExplorer.host.helper',
  'netnsExplorer.host.remove',
  'netnsExplorer.host.refresh',
  'netnsExplorer.hosts.refresh',
  'netnsExplorer.hosts.import',
  'netnsExplorer.hosts.synchronize',
  'netnsExplorer.filter.set',
  'netnsExplorer.filter.clear',
  'netnsExplorer.row.click',
  'netnsExplorer.row.reveal',
  'netnsExplorer.row.refresh',
  'netnsExplorer.row.copyName',
  'netnsExplorer.row.copyAddress',
  'netnsExplorer.peer.reveal',
  'netnsExplorer.sandbox.reveal',
  'netnsExplorer.sandbox.enter',
  'netnsExplorer.sandbox.enterIpNetns',
  'netnsExplorer.sandbox.monitor',
  'netnsExplorer.sandbox.monitorSoliciting',
  'netnsExplorer.container.openShell',
  'netnsExplorer.record.inspect',
  'netnsExplorer.engine.showSettings',
  'netnsExplorer.ports.show',
  'netnsExplorer.names.show',
  'netnsExplorer.dump.open',
  'netnsExplorer.dump.run',
  'netnsExplorer.dump.openAll',
  'netnsExplorer.dump.refresh',
  'netnsExplorer.dump.compare',
  'netnsExplorer.diagram.show',
  'netnsExplorer.diagram.showText',
  'netnsExplorer.plan.wire',
  'netnsExplorer.plan.unwire',
  'netnsExplorer.plan.createBridge',
  'netnsExplorer.plan.deleteBridge',
  'netnsExplorer.plan.addPort',
  'netnsExplorer.plan.removePort',
  'netnsExplorer.plan.setVlan',
  'netnsExplorer.plan.allowSubnetOut',
  'netnsExplorer.plan.enableForwarding',
  'netnsExplorer.plan.expose',
  'netnsExplorer.plan.useSubnet',
  'netnsExplorer.plan.removeMade',
  'netnsExplorer.plan.ovsExperiment',
  'netnsExplorer.plan.createOvsBridge',
  'netnsExplorer.plan.addOvsPort',
  'netnsExplorer.plan.setOvsVlan',
  'netnsExplorer.plan.createGre',
  'netnsExplorer.plan.createVxlan',
  'netnsExplorer.plan.createGeneve',
  'netnsExplorer.plan.createIpip',
  'netnsExplorer.plan.offerUnfinished',
  'netnsExplorer.tunnel.verify',
  'netnsExplorer.tunnel.remove',
  'netnsExplorer.tunnel.export',
  'netnsExplorer.snapshot.save',
  'netnsExplorer.snapshot.open',
  'netnsExplorer.snapshot.openSample',
  'netnsExplorer.log.show',
  'netnsExplorer.settings.open',
] as const;

/** `open`: as a read-only document; `run`: in a terminal. */
export type CommandId = (typeof plain)[number] | `netnsExplorer.${DumpNoun}.open` | `netnsExplorer.${DumpNoun}.run`;

export const commandIds: readonly CommandId[] = [
  ...plain,
  ...dumpNouns.map((noun) => `netnsExplorer.${noun}.open` as const),
  ...dumpNouns.map((noun) => `netnsExplorer.${noun}.run` as const),
];

/** A handler for every command: leaving one out does not compile. */
export type CommandHandlers = Readonly<Record<CommandId, (...args: unknown[]) => unknown>>;
