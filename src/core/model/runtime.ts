/** Whose files name a container. */
export type ContainerRuntime = 'containerd' | 'podman' | 'nspawn';

/**
 * A container or machine that a runtime's own files name, read without the runtime: of containerd the folder of a running task, of Podman the list of its
 * storage (stopped ones too), of systemd-nspawn its process. All texts are hostile.
 */
export interface RuntimeContainer {
  readonly runtime: ContainerRuntime;
  /** Unique within its runtime and namespace; a machine's name. */
  readonly id: string;
  /** Of containerd: `k8s.io`, `default`, … */
  readonly namespace?: string;
  readonly name?: string;
  /** Its first process. */
  readonly pid?: number;
  /** The Kubernetes pod it is of, as the runtime's CRI plug-in wrote it. */
  readonly pod?: { readonly name: string; readonly namespace: string; readonly uid?: string };
  /** Id of the container that holds the pod's namespaces; the own one where it is that container. */
  readonly podContainer?: string;
}
