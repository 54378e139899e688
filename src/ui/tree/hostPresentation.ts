import { formatHostAddress } from '../../core/model/address';
import { engineText, isEngineUnread } from '../../core/report/engineText';
import { flannelOf, flannelText } from '../../core/topology/flannel';
import type { HostStatus } from '../../discovery/explorer';
import { printable } from '../text';
import type { Translate } from '../translate';
import type { TreeModel } from './treeModel';
import { detail, type Presentation } from './row';
import { reachOf } from './reach';

export function presentHost(status: HostStatus, model: TreeModel, t: Translate): Presentation {
  const host = model.source.topology.host.get(status.id);
  const recorded = status.address.kind === 'file';
  const busy = status.state === 'connecting' || status.state === 'scanning';
  const address = formatHostAddress(status.address);
  const label = printable(host?.label ?? status.label);
  const snapshot = host?.snapshot;
  const flannel = host && flannelOf(model.source.topology, host);
  // A host that was read before is read again often and quickly: only the view's own progress tells of that.
  const state =
    busy && host === undefined ? (status.state === 'connecting' ? t('connecting…') : t('reading…'))
    : status.state === 'failed' ? (host === undefined ? t('not reached') : t('last read {0}', time(host.snapshot.takenAt)))
    : recorded && snapshot !== undefined ? t('recorded {0}', time(snapshot.takenAt))
    : '';
  const short = status.address.kind === 'local' ? t('this machine') : status.address.kind === 'file' ? '' : address.replace(/^ssh:\/\//, '');
  const limited = snapshot?.host.engineOnly === true ? t('engine only') : snapshot?.host.privilege === 'user' ? t('not root') : '';
  const sandboxes = host?.rootSandbox === undefined ? [] : ['sandbox'];
  const removable = [status.address.kind === 'local' ? 'local' : 'added'];
  return {
    label,
    description: printable([short === label ? '' : short, status.origin?.groups[0] ?? '', state, limited].filter((part) => part !== '').join(' · ')),
    icon: busy && host === undefined ? 'loading~spin' : status.state === 'failed' ? 'debug-disconnect' : recorded ? 'archive' : status.address.kind === 'local' ? 'device-desktop' : 'server',
    ...(status.state === 'failed' && { color: 'list.errorForeground' }),
    contextValue: ['host', reachOf(model, status.id), ...(status.address.kind === 'docker' ? ['docker'] : []), ...sandboxes, ...removable, ...(host === undefined ? [] : ['read'])].join('+'),
    expanded: true,
    details: [
      detail(t('Address'), address),
      ...(status.origin === undefined ? [] : [detail(t('Imported from'), [status.origin.source, ...status.origin.groups].join(' · '))]),
      ...(status.way === undefined ? [] : [detail(t('Connection'), status.way)]),
      ...(snapshot === undefined
        ? []
        : [
            detail(t('Host name'), snapshot.host.hostname),
            detail(t('System'), [snapshot.host.os, snapshot.host.kernel].filter((part) => part !== undefined).join(', ')),
            detail(t('Engine'), snapshot.engine !== undefined ? engineText(snapshot.engine) : isEngineUnread(snapshot) ? t('not read') : t('none')),
            ...(snapshot.engine?.swarm === undefined ? [] : [detail(t('Swarm'), `${snapshot.engine.swarm.nodeAddress}${snapshot.engine.swarm.manager ? ` (${t('manager')})` : ''}`)]),
            ...(snapshot.host.engineOnly === true ? [] : [detail(t('Read as'), privilegeText(snapshot.host.privilege, t)), detail(t('iproute2'), snapshot.host.ipVersion ?? snapshot.host.ip)]),
            ...(flannel === undefined ? [] : [detail('flannel', flannelText(flannel))]),
            ...(host?.underlay[0] === undefined ? [] : [detail(t('Underlay address'), host.underlay[0])]),
            ...(recorded ? [detail(t('Recorded'), snapshot.takenAt)] : []),
          ]),
    ],
  };
}

function privilegeText(privilege: 'root' | 'sudo' | 'user', t: Translate): string {
  return { root: t('root'), sudo: t('root by sudo'), user: t('an ordinary user: other users\' namespaces are hidden') }[privilege];
}

/** Local time of an ISO 8601 instant, to the minute. */
function time(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  return Number.isNaN(at.getTime()) ? printable(iso) : `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
