// The one file that knows the toolkit: another one takes its place by changing this file alone.
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeTextField } from '@vscode/webview-ui-toolkit';

/** Makes the custom elements known to the document. Call once, before any control is made. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextField());
}

export interface ButtonOptions {
  readonly label: string;
  readonly look: 'primary' | 'secondary' | 'icon';
  /** Path data of a 16 by 16 picture, shown instead of the label. */
  readonly icon?: string;
  readonly onClick: () => void;
}

/** A button; one that shows an icon has its label as its accessible name and tooltip. */
export function button(options: ButtonOptions): HTMLElement {
  const element = document.createElement('vscode-button');
  element.setAttribute('appearance', options.look);
  if (options.icon === undefined) {
    element.textContent = options.label;
  } else {
    element.setAttribute('aria-label', options.label);
    element.title = options.label;
    element.append(icon(options.icon));
  }
  element.addEventListener('click', options.onClick);
  return element;
}

export interface SearchFieldOptions {
  readonly label: string;
  readonly onInput: (text: string) => void;
}

export interface SearchField {
  readonly element: HTMLElement;
  readonly focus: () => void;
  readonly clear: () => void;
}

export function searchField(options: SearchFieldOptions): SearchField {
  const element = document.createElement('vscode-text-field') as HTMLElement & { value: string };
  element.setAttribute('placeholder', options.label);
  element.setAttribute('aria-label', options.label);
  element.addEventListener('input', () => options.onInput(element.value));
  return {
    element,
    focus: () => element.focus(),
    clear: () => {
      element.value = '';
      options.onInput('');
    },
  };
}

function icon(path: string): SVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(namespace, 'svg');
  for (const [name, value] of Object.entries({ width: '16', height: '16', viewBox: '0 0 16 16', 'aria-hidden': 'true', class: 'icon' })) picture.setAttribute(name, value);
  const shape = document.createElementNS(namespace, 'path');
  shape.setAttribute('d', path);
  picture.append(shape);
  return picture;
}
