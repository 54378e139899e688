import type { Scene } from './scene';

/** `auto` follows the viewer's colour scheme. */
export type SvgTheme = 'auto' | 'light' | 'dark';

export declare function svg(scene: Scene, options?: { readonly theme?: SvgTheme }): string;
