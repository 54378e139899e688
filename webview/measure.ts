import { fitView, type View } from './view';
import type { Viewport } from './viewport';

/** Pans or zooms a viewport through the whole scene, and leaves it as it was. Answers the milliseconds between frames. */
export async function measureRun(viewport: Viewport, scene: { readonly width: number; readonly height: number }, run: 'pan' | 'zoom', frames: number): Promise<readonly number[]> {
  const { view, fitted } = viewport;
  const whole = fitView(scene, viewport.extent()).scale;
  const times = await measureFrames(frames, (progress) => viewport.move(run === 'pan' ? panPath(scene, viewport.extent(), progress) : zoomPath(scene, viewport.extent(), whole, progress)));
  viewport.move(view);
  viewport.fitted = fitted;
  return times;
}

/** Runs `frames` frames, each drawn by `draw` (given 0 to 1), and answers the milliseconds between them. */
function measureFrames(frames: number, draw: (progress: number) => void): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const times: number[] = [];
    let last: number | undefined;
    let frame = 0;
    const next = (now: number): void => {
      if (last !== undefined) times.push(now - last);
      last = now;
      if (frame >= frames) {
        resolve(times);
        return;
      }
      draw(frame / Math.max(1, frames - 1));
      frame++;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

/** Across a scene and back, near enough that its smallest parts are drawn. */
function panPath(scene: { readonly width: number; readonly height: number }, stage: { readonly width: number; readonly height: number }, progress: number): View {
  const scale = 0.6;
  const there = progress < 0.5 ? progress * 2 : 2 - progress * 2;
  return {
    x: Math.max(0, scene.width - stage.width / scale) * there,
    y: Math.max(0, scene.height - stage.height / scale) * (0.5 - 0.5 * Math.cos(there * Math.PI)),
    scale,
  };
}

/** From the whole scene into its middle, to life size and a half, and out again. */
function zoomPath(scene: { readonly width: number; readonly height: number }, stage: { readonly width: number; readonly height: number }, whole: number, progress: number): View {
  const there = progress < 0.5 ? progress * 2 : 2 - progress * 2;
  const scale = whole * (1.5 / whole) ** there;
  return { x: scene.width * 0.4 - stage.width / scale / 2, y: scene.height * 0.4 - stage.height / scale / 2, scale };
}
