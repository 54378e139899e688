import type { NestedNode, Topology } from '../../core/model/topology';
import type { HostStatus } from '../../discovery/explorer';
import { printable } from '../text';
import type { Translate } from '../translate';
import { detail, type Detail, type Presentation } from './row';
import { ownerText } from './sandboxText';

const some = (name: string, value: string | undefined): readonly Detail[] => (value === undefined ? [] : [detail(name, value)]);

/** `dind`, then the engine, what it runs in, and whether it is among the hosts already. */
export function presentNested({ engine, title, owner, containerId, address }: NestedNode, live: string, topology: Topology, hosts: readonly HostStatus[], t: Translate): Presentation {
  const container = containerId === undefined ? undefined : topology.container.get(containerId);
  const added = address !== undefined && hosts.some(({ id }) => id === address);
  const known = container !== undefined ? t('container {0}', container.name) : owner && ownerText(owner, t);
  return {
    label: printable(title),
    description: printable([engine.engine, ...(known === undefined ? [] : [known]), ...(added ? [t('among the hosts')] : [])].join(' · ')),
    icon: 'server-environment',
    contextValue: ['nested', live, ...(address === undefined || added ? [] : ['addable'])].join('+'),
    details: [
      detail(t('Nested engine'), title),
      detail(t('Engine'), engine.engine),
      ...some(t('Host name'), engine.hostname),
      ...some(t('In'), known),
      detail(t('Process'), `${engine.process.comm} (${String(engine.process.pid)})`),
      detail(t('Control group'), engine.process.cgroup.split('\n').filter((line) => !line.endsWith(':/')).join(', ')),
      ...engine.sockets.map((socket) => detail(t('Socket'), socket)),
      ...some(t('Address'), address),
    ],
  };
}
