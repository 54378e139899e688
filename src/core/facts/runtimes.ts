import type { RuntimeContainer } from '../model/runtime';
import { whole } from './record';

const task = /^\/run\/containerd\/io\.containerd\.runtime\.v2\.task\/([^/]+)\/([^/]+)\/(?:init\.pid:(\d{1,10})|config\.json:("[^"\\]+"):("(?:[^"\\]|\\.)*"))$/;
const stored = /"id":"([0-9a-f]{64})","names":\[("(?:[^"\\]|\\.)*")$/;

/**
 * Reads the probe's frame "runtimes". Lines, as grep prints them:
 * - `/run/containerd/io.containerd.runtime.v2.task/NAMESPACE/ID/init.pid:PID` (containerd's runtime/v2, bundle.go and the shim of runc),
 *   `…/config.json:"KEY":"VALUE"` for annotations that containerd's CRI plug-in (pkg/cri/annotations) and nerdctl write;
 * - `…:"id":"ID","names":["NAME"` of containers.json (containers/storage);
 * - `nspawn PID NAME`, of the machine's first process.
 */
export function readRuntimes(body: string): readonly RuntimeContainer[] {
  const tasks = new Map<string, { namespace: string; id: string; pid?: number; annotations: Map<string, string> }>();
  const others: RuntimeContainer[] = [];
  for (const line of body.split('\n')) {
    const [, namespace, id, pid, key, value] = task.exec(line) ?? [];
    if (namespace !== undefined && id !== undefined) {
      const folder = `${namespace}/${id}`;
      const known = tasks.get(folder) ?? { namespace, id, annotations: new Map<string, string>() };
      tasks.set(folder, known);
      const first = pid === undefined ? undefined : whole(Number(pid));
      if (first !== undefined && first > 0) known.pid = first;
      if (key !== undefined && value !== undefined) known.annotations.set(textOf(key), textOf(value));
      continue;
    }
    const [, container, name] = stored.exec(line) ?? [];
    if (container !== undefined && name !== undefined) others.push({ runtime: 'podman', id: container, name: textOf(name) });
    const [, first, machine] = /^nspawn (\d{1,10}) (.+)$/.exec(line) ?? [];
    if (machine !== undefined) others.push({ runtime: 'nspawn', id: machine, name: machine, pid: Number(first) });
  }
  return [...[...tasks.values()].map(({ namespace, id, pid, annotations }) => ({ runtime: 'containerd' as const, id, namespace, ...(pid !== undefined && { pid }), ...cri(annotations) })), ...others];
}

function cri(annotations: ReadonlyMap<string, string>): Partial<RuntimeContainer> {
  const of = (name: string): string | undefined => annotations.get(`io.kubernetes.cri.${name}`);
  const pod = of('sandbox-name');
  const uid = of('sandbox-uid');
  const podContainer = of('sandbox-id');
  const name = of('container-name') ?? annotations.get('nerdctl/name');
  return {
    ...(name !== undefined && { name }),
    ...(pod !== undefined && pod !== '' && { pod: { name: pod, namespace: of('sandbox-namespace') ?? '', ...(uid !== undefined && { uid }) } }),
    ...(podContainer !== undefined && { podContainer }),
  };
}

/** A JSON string; as it stands where it is none. */
function textOf(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return json;
  }
}
