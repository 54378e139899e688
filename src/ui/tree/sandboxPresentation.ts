import type { Sandbox, SandboxRole } from '../../core/model/topology';
import { shownName } from '../../core/report/printable';
import { printable } from '../text';
import type { Translate } from '../translate';
import type { TreeNode } from './node';
import { ownerText, ownTitle, processText, roleText } from './sandboxText';
import type { TreeModel } from './treeModel';
import { detail, type Presentation } from './row';

const sandboxIcons: Readonly<Record<SandboxRole, string>> = {
  root: 'home',
  container: 'package',
  overlay: 'globe',
  loadBalancer: 'law',
  ingress: 'sign-in',
  process: 'gear',
  named: 'tag',
  leaked: 'trash',
  unowned: 'question',
};

export function presentSandbox(node: TreeNode, sandbox: Sandbox, live: string, model: TreeModel, t: Translate): Presentation {
  const topology = model.source.topology;
  const role = roleText(sandbox.role, t);
  const network = sandbox.networkId === undefined ? undefined : topology.network.get(sandbox.networkId);
  const containers = [...sandbox.containers.flatMap((id) => topology.container.get(id)?.name ?? []), ...(sandbox.runtimeContainers ?? []).map(({ name, id }) => name ?? id)];
  const above = node.parent?.kind;
  const inContext = above === 'container' || above === 'network';
  const unread = sandbox.record.read === 'none' ? t('not read') : sandbox.record.read === 'partial' ? t('partly read') : '';
  // Its title would only repeat the row above it.
  const label = !inContext ? printable(ownTitle(sandbox, t)) : above === 'network' ? role : t('Namespace');
  const number = `net:[${String(sandbox.inode)}]`;
  return {
    label,
    description: printable([number, inContext || sandbox.role === 'root' ? '' : role, sandbox.role === 'root' && inContext ? roleText('root', t) : '', unread].filter((part) => part !== '').join(' · ')),
    icon: above === 'container' ? 'symbol-namespace' : sandboxIcons[sandbox.role],
    ...(sandbox.errors.length > 0 && { color: 'list.warningForeground' }),
    contextValue: ['sandbox', sandbox.role, live, ...(network === undefined ? [] : ['network'])].join('+'),
    details: [
      detail(t('Namespace'), `${number}, ${t('device')} ${String(sandbox.record.device)}`),
      detail(t('Kind'), role),
      ...(containers.length === 0 ? [] : [detail(containers.length === 1 ? t('Container') : t('Containers'), containers.join(', '))]),
      ...(sandbox.pod === undefined ? [] : [detail(t('Pod'), `${sandbox.pod.namespace}/${sandbox.pod.name}`)]),
      ...(sandbox.owner === undefined ? [] : [detail(t('Owner'), ownerText(sandbox.owner, t))]),
      ...(network === undefined ? [] : [detail(t('Network'), network.name)]),
      ...sandbox.paths.map((path) => detail(t('Name'), shownName(path))),
      ...(sandbox.record.mounts ?? []).map((mount) => detail(t('Name'), t('{0} in mount namespace mnt:[{1}], of process {2}', shownName(mount.path), mount.mountNamespace, mount.pid))),
      detail(t('Processes'), processText(sandbox.record, t)),
      ...(sandbox.record.threads ?? []).map((holder) => detail(t('Thread'), t('{0} of {1} ({2})', holder.id, holder.comm ?? '?', holder.pid))),
      ...(sandbox.record.descriptors ?? []).map((holder) => detail(t('Descriptor'), t('{0} of {1} ({2})', holder.id, holder.comm ?? '?', holder.pid))),
      detail(t('Links'), String(sandbox.links.length)),
    ],
  };
}
