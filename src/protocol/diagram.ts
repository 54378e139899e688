import type { Scene } from '../core/diagram/scene';
import type { DiagramSubject } from '../core/diagram/subject';

/** From the extension to the diagram's webview. */
export type ToDiagram =
  /** `networkId`, the id of what is drawn, comes back in `DiagramState`, so that a panel that VS Code restores knows what it showed. */
  | { readonly type: 'scene'; readonly scene: Scene; readonly hostCount: number; readonly networkId?: DiagramSubject }
  /** A new scene is on its way; what is on screen stays there meanwhile. */
  | { readonly type: 'loading' }
  /** Select (and bring into view) the box that shows this model node; nothing where none does. */
  | { readonly type: 'select'; readonly modelId: string | undefined }
  | { readonly type: 'failed'; readonly message: string }
  /** When the last of the hosts drawn was read (ISO 8601), whether or not that changed the scene; answers a `refresh` too. Undefined: none was. */
  | { readonly type: 'read'; readonly takenAt: string | undefined }
  /** Draw, then answer with `measured`: used by the benchmark and by tests. */
  | { readonly type: 'measure'; readonly run: 'pan' | 'zoom'; readonly frames: number };

/** From the diagram's webview to the extension. */
export type FromDiagram =
  | { readonly type: 'ready' }
  /** A scene is on screen; `milliseconds` from its arrival to the frame that shows it. */
  | { readonly type: 'drawn'; readonly boxes: number; readonly edges: number; readonly milliseconds: number }
  | { readonly type: 'selected'; readonly modelId: string | undefined }
  | { readonly type: 'action'; readonly action: 'enter' | 'dump' | 'reveal'; readonly modelId: string }
  /** Show in full what a box stands for (`SceneBox.fold`), or as one box again. */
  | { readonly type: 'fold'; readonly key: string; readonly open: boolean }
  | { readonly type: 'export'; readonly format: 'svg' | 'mermaid' | 'dot' | 'text' }
  /** Read the hosts again that are drawn, then answer with `read`. */
  | { readonly type: 'refresh' }
  | { readonly type: 'measured'; readonly run: 'pan' | 'zoom'; readonly frameMilliseconds: readonly number[] };

/** What the webview keeps with `setState`: VS Code hands it to the panel's serializer after a reload. */
export interface DiagramState {
  readonly networkId?: DiagramSubject;
  /** Scene point at the viewport's top left corner, and screen pixels per scene pixel. Absent: fitted to the viewport. */
  readonly view?: { readonly x: number; readonly y: number; readonly scale: number };
  /** Id of the selected box or edge. */
  readonly selected?: string;
}

/** A handler for each message: leaving one out does not compile. */
export type Handlers<Message extends { readonly type: string }> = {
  readonly [Type in Message['type']]: (message: Extract<Message, { readonly type: Type }>) => void;
};

/** Calls the handler of a message's type; a message of an unknown type, which only another version could send, is left alone. */
export function dispatch<Message extends { readonly type: string }>(handlers: Handlers<Message>, message: Message): void {
  const handler = (handlers as unknown as Record<string, ((message: Message) => void) | undefined>)[message.type];
  handler?.(message);
}
