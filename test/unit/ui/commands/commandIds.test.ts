import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dumps } from '../../../../src/core/command/dumps';
import { commandIds, dumpNouns } from '../../../../src/ui/commands/commandIds';

interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
  readonly group?: string;
}

interface Manifest {
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string; readonly icon?: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly submenus: readonly { readonly id: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope: string; readonly default: unknown; readonly markdownDescription: string }>> };
    readonly viewsWelcome: readonly { readonly contents: string }[];
  };
}

const manifestText = readFileSync('package.json', 'utf8');
const manifest = JSON.parse(manifestText) as Manifest;
const strings = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
const { commands, menus, submenus, configuration, viewsWelcome } = manifest.contributes;
const items = Object.values(menus).flat();

describe('the manifest', () => {
  it('contributes exactly the commands of the table', () => {
    expect(commands.map((command) => command.command).sort()).toEqual([...commandIds].sort());
  });

  it('names them netnsExplorer.<noun>.<verb>, under one category', () => {
    for (const { command, category } of commands) {
      expect(command).toMatch(/^netnsExplorer\.[a-z][A-Za-z]*\.[a-z][A-Za-z]*$/);
      expect(category).toBe('Netns');
    }
  });

  it('has a command for each dump', () => {
    expect([...dumpNouns].sort()).toEqual(dumps.map((dump) => dump.id).sort());
  });

  it('has menus of its own commands and submenus only', () => {
    const known = new Set<string>(commandIds);
    const knownMenus = new Set(submenus.map((submenu) => submenu.id));
    for (const item of items) {
      if (item.command !== undefined) expect(known).toContain(item.command);
      else expect(knownMenus).toContain(item.submenu);
    }
    for (const id of knownMenus) expect(Object.keys(menus)).toContain(id);
  });

  it('groups every item of the context menu, and shows inline only what has an icon', () => {
    const icons = new Map(commands.map((command) => [command.command, command.icon]));
    for (const item of menus['view/item/context'] ?? []) {
      expect(item.group).toMatch(/^(inline|\d_[a-z]+)@\d$/);
      if (item.group?.startsWith('inline') === true) expect(icons.get(item.command ?? '')).toBeDefined();
    }
  });

  it('hides from the palette what only a row can say', () => {
    const hidden = new Set((menus['commandPalette'] ?? []).filter((item) => item.when === 'false').map((item) => item.command));
    for (const id of ['netnsExplorer.row.click', 'netnsExplorer.row.refresh', 'netnsExplorer.row.copyName', 'netnsExplorer.row.copyAddress', 'netnsExplorer.peer.reveal']) expect(hidden).toContain(id);
    expect(hidden).not.toContain('netnsExplorer.sandbox.enter');
  });

  it('has a string for every key, and a key for every string', () => {
    const used = [...manifestText.matchAll(/%([a-zA-Z][\w.]*)%/g)].map((match) => match[1]);
    expect([...new Set(used)].sort()).toEqual([...new Set(Object.keys(strings))].filter((key) => key !== 'untrusted.description' || used.includes(key)).sort());
  });

  it('links its welcome views to commands that exist', () => {
    for (const { contents } of viewsWelcome) {
      const text = strings[contents.slice(1, -1)] ?? '';
      const linked = [...text.matchAll(/\(command:([^)]+)\)/g)].map((match) => match[1]);
      expect(linked.length).toBeGreaterThan(0);
      for (const id of linked) expect(commandIds).toContain(id);
    }
  });

  it('lets no workspace choose hosts or the SSH configuration', () => {
    for (const [key, property] of Object.entries(configuration.properties)) {
      expect(key).toMatch(/^netnsExplorer\./);
      expect(property.scope).toBe('application');
      expect(property.default).toBeDefined();
      expect(strings[property.markdownDescription.slice(1, -1)]).toBeTruthy();
    }
  });
});
