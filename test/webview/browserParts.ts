// What the toolkit expects of a browser and jsdom lacks. Import before anything that imports the controls.
Object.defineProperty(window, 'matchMedia', {
  value: (media: string): MediaQueryList => Object.assign(new EventTarget(), { media, matches: false, onchange: null, addListener: () => undefined, removeListener: () => undefined }),
});
