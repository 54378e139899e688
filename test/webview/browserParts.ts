// What the toolkit expects of a browser and jsdom lacks. Import before anything that imports the controls.
window.matchMedia ??= (media: string): MediaQueryList =>
  Object.assign(new EventTarget(), { media, matches: false, onchange: null, addListener: () => undefined, removeListener: () => undefined });
