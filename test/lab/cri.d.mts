/** A pod as the kubelet asks a runtime for it. */
export interface PodSpec {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** Path of control groups, as the kubelet's cgroupfs driver names it. */
  readonly cgroupParent: string;
  readonly containers: readonly { readonly name: string; /** Of an image that the runtime has. */ readonly image: string; readonly command: readonly string[] }[];
}

/** Runs a pod and its containers. `socket`: path of the runtime's socket. @returns ids: the pod's own container, its containers by name. @throws Error with what the runtime said */
export function runPod(socket: string, pod: PodSpec): Promise<{ readonly id: string; readonly containers: Readonly<Record<string, string>> }>;

/** Stops and removes a pod and all in it. */
export function removePod(socket: string, id: string): Promise<void>;

/** The runtime's pods. */
export function listPods(socket: string): Promise<readonly { readonly id: string; readonly name: string; readonly uid: string; readonly namespace: string }[]>;
