import * as vscode from 'vscode';
import { iconSafe, messageSafe } from '../text';

/** What a step gives: the state with its answer; `back`: the person went to the step before; `skip`: nothing had to be asked; undefined: they gave up. */
export type StepResult<State> = State | 'back' | 'skip' | undefined;
export type WizardStep<State> = (state: State, ask: Ask) => Promise<StepResult<State>>;

export interface WizardItem<Value> extends vscode.QuickPickItem {
  readonly value?: Value;
}

/** The questions of one step, with the button that leads back and the number of the step in the title. */
export interface Ask {
  /** Labels and descriptions are hostile text. `current` is where the cursor stands. */
  pick<Value>(placeholder: string, items: readonly WizardItem<Value>[], current?: Value): Promise<Value | 'back' | undefined>;
  pickMany<Value>(placeholder: string, items: readonly WizardItem<Value>[]): Promise<readonly Value[] | 'back' | undefined>;
  /** @param fault one sentence where the text cannot be taken */
  input(prompt: string, value: string, fault: (text: string) => string | undefined): Promise<{ readonly text: string } | 'back' | undefined>;
}

/** Asks step after step; Back leads to the last one that asked. @returns undefined where the person gave up */
export async function wizard<State extends object>(title: string, start: State, steps: readonly WizardStep<State>[]): Promise<State | undefined> {
  const states: State[] = [start];
  let at = 0;
  let forward = true;
  while (at < steps.length) {
    const step = steps[at];
    const state = states[at];
    if (step === undefined || state === undefined) return undefined;
    const result = await step(state, questions(title, at, steps.length));
    if (result === undefined) return undefined;
    if (result === 'back' || (result === 'skip' && !forward)) {
      if (at === 0) return undefined;
      forward = false;
      at -= 1;
      continue;
    }
    forward = true;
    states[at + 1] = result === 'skip' ? state : result;
    at += 1;
  }
  return states[at];
}

function questions(title: string, at: number, of: number): Ask {
  const prepare = (input: vscode.QuickInput): void => {
    input.title = title;
    input.step = at + 1;
    input.totalSteps = of;
    input.ignoreFocusOut = true;
  };
  const shown = <Value>(items: readonly WizardItem<Value>[]): WizardItem<Value>[] =>
    items.map((item) => ({ ...item, label: iconSafe(item.label), ...(item.description !== undefined && { description: iconSafe(item.description) }), ...(item.detail !== undefined && { detail: iconSafe(item.detail) }) }));
  return {
    pick: (placeholder, items, current) => {
      const input = vscode.window.createQuickPick<(typeof items)[number]>();
      prepare(input);
      input.placeholder = placeholder;
      input.matchOnDescription = true;
      const list = shown(items);
      input.items = list;
      const present = list.find(({ value }) => value !== undefined && value === current);
      // None given: the first one is the active one by itself.
      if (present !== undefined) input.activeItems = [present];
      if (at > 0) input.buttons = [vscode.QuickInputButtons.Back];
      return answer(input, () => input.selectedItems[0]?.value, input.onDidTriggerButton);
    },
    pickMany: (placeholder, items) => {
      const input = vscode.window.createQuickPick<(typeof items)[number]>();
      prepare(input);
      input.placeholder = placeholder;
      input.canSelectMany = true;
      input.matchOnDescription = true;
      const list = shown(items);
      input.items = list;
      input.selectedItems = list.filter(({ picked }) => picked === true);
      if (at > 0) input.buttons = [vscode.QuickInputButtons.Back];
      return answer(input, () => input.selectedItems.flatMap(({ value }) => (value === undefined ? [] : [value])), input.onDidTriggerButton);
    },
    input: (prompt, value, fault) => {
      const input = vscode.window.createInputBox();
      prepare(input);
      input.prompt = prompt;
      input.value = value;
      const validate = (): string | undefined => {
        const words = fault(input.value.trim());
        input.validationMessage = words === undefined ? '' : messageSafe(words);
        return words;
      };
      input.onDidChangeValue(validate);
      if (at > 0) input.buttons = [vscode.QuickInputButtons.Back];
      return answer(input, () => (validate() === undefined ? { text: input.value.trim() } : undefined), input.onDidTriggerButton);
    },
  };
}

/** @param take gives undefined where what is chosen cannot be taken: the question stays */
function answer<Value>(input: vscode.QuickInput & { readonly onDidAccept: vscode.Event<void> }, take: () => Value | undefined, onButton: vscode.Event<vscode.QuickInputButton>): Promise<Value | 'back' | undefined> {
  return new Promise((resolve) => {
    onButton((pressed) => {
      if (pressed !== vscode.QuickInputButtons.Back) return;
      resolve('back');
      input.hide();
    });
    input.onDidAccept(() => {
      const value = take();
      if (value === undefined) return;
      resolve(value);
      input.hide();
    });
    input.onDidHide(() => {
      resolve(undefined);
      input.dispose();
    });
    input.show();
  });
}
