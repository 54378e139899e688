import type { EngineContainer } from '../../core/model/engine';
import type { NamespaceRecord } from '../../core/model/snapshot';
import type { Sandbox, SandboxRole } from '../../core/model/topology';
import { portNotation } from '../../core/report/portNotation';
import type { Translate } from '../translate';

/** What a namespace is for, in words. */
export function roleText(role: SandboxRole, t: Translate): string {
  switch (role) {
    case 'root':
      return t('root namespace');
    case 'container':
      return t('container');
    case 'overlay':
      return t('overlay sandbox');
    case 'loadBalancer':
      return t('load balancer');
    case 'ingress':
      return t('ingress sandbox');
    case 'process':
      return t('process');
    case 'named':
      return t('named');
    case 'leaked':
      return t('left behind by the engine');
    case 'unowned':
      return t('no owner');
  }
}

/** A sandbox's title where nothing around it says what it is: an overlay's load balancer has the overlay's own name. */
export function ownTitle(sandbox: Sandbox, t: Translate): string {
  if (sandbox.role === 'root') return 'root';
  return sandbox.role === 'loadBalancer' ? t('{0} (load balancer)', sandbox.title) : sandbox.title;
}

/** What the control group of a namespace's processes says of whose it is. */
export function ownerText(owner: NonNullable<Sandbox['owner']>, t: Translate): string {
  switch (owner.kind) {
    case 'container':
      return owner.podUid === undefined ? t('container {0} ({1})', owner.id, owner.engine) : t('container {0} ({1}) of the pod {2}', owner.id, owner.engine, owner.podUid);
    case 'lxc':
      return t('LXC container {0}', nameWithin(owner, t));
    case 'machine':
      return t('systemd-nspawn machine {0}', nameWithin(owner, t));
    case 'unit':
      return t('systemd unit {0}', nameWithin(owner, t));
  }
}

function nameWithin({ name, within }: { readonly name: string; readonly within?: string }, t: Translate): string {
  return within === undefined ? name : t('{0} in {1}', name, within);
}

/** `3: nginx (812), nginx (830), …`; the record names a few at most. */
export function processText(record: NamespaceRecord, t: Translate): string {
  if (record.processCount === 0) return t('none');
  const named = record.processes.map((process) => `${process.comm} (${String(process.pid)})`);
  return `${String(record.processCount)}${named.length === 0 ? '' : `: ${named.join(', ')}`}${named.length > 0 && named.length < record.processCount ? ', …' : ''}`;
}

/** `0.0.0.0:8080 → 80/tcp, 443/tcp` */
export function describePorts(ports: EngineContainer['ports']): string {
  return ports.map(portNotation).join(', ');
}

/**
 * `running (healthy)`, `exited (137)`: the engine's status without the time in it ("Up 3 minutes (healthy)", "Exited (137) 2 hours ago"),
 * by which every row would look different after every scan.
 */
export function stateText(container: EngineContainer): string {
  const remark = /\((\d+|healthy|unhealthy|health: starting)\)/.exec(container.status)?.[0];
  return remark === undefined ? container.state : `${container.state} ${remark}`;
}
