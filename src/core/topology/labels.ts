import type { ComposeName, PodName } from '../model/topology';

type Labels = Readonly<Record<string, string>>;

/** Docker Compose labels what it makes; podman-compose sets the same labels, and older ones of it only its own. */
export function composeOf(labels: Labels): ComposeName | undefined {
  const project = labels['com.docker.compose.project'] ?? labels['io.podman.compose.project'];
  const service = labels['com.docker.compose.service'] ?? labels['io.podman.compose.service'];
  if (project === undefined || project === '') return undefined;
  return { project, ...(service !== undefined && service !== '' && { service }) };
}

/** What the kubelet's engines label containers with (pkg/kubelet/types/labels.go). */
export function podOf(labels: Labels): PodName | undefined {
  const name = labels['io.kubernetes.pod.name'];
  if (name === undefined || name === '') return undefined;
  return { name, namespace: labels['io.kubernetes.pod.namespace'] ?? '' };
}
