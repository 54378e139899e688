import type { ParseArgsConfig } from 'node:util';
import type { RuleTool } from '../../core/plan/outRules';
import type { Plan } from '../../core/plan/plan';
import { printable } from '../../core/report/printable';
import { ruleToolOf } from '../../discovery/plans/ruleTool';
import { usageError } from '../arguments';
import type { ReadHosts } from '../readHosts';

/** What `netns-explorer plan NAME` can plan. */
export interface PlanVerb {
  readonly name: string;
  /** The fewest and the most `--host` that it takes. */
  readonly hosts: readonly [number, number];
  /** Beside those that every plan takes. */
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** `undoing`: what the plan deletes may be gone by now. @throws PlanRefused, or CliError for options that are none: nothing was changed */
  readonly make: (values: PlanValues, read: ReadHosts, undoing: boolean) => Plan | Promise<Plan>;
}

/** What was given for the verb's options, strictly parsed by their types. */
export type PlanValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export function textOf(values: PlanValues, option: string): string | undefined {
  const value = values[option];
  return typeof value === 'string' ? value : undefined;
}

/** @throws CliError where it was not given */
export function requiredText(values: PlanValues, option: string): string {
  const text = textOf(values, option);
  if (text === undefined) throw usageError('plan', `--${option} is missing`);
  return text;
}

export function textsOf(values: PlanValues, option: string): readonly string[] {
  const value = values[option];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

/** As a record with one field, or none where the option was not given. @throws CliError for what is no whole number */
export function numberOf<Field extends string>(values: PlanValues, option: string, field: Field): { readonly [Name in Field]?: number } {
  const text = textOf(values, option);
  if (text === undefined) return {};
  if (!/^\d{1,10}$/.test(text)) throw usageError('plan', `--${option} takes a whole number, not "${printable(text)}"`);
  return { [field]: Number(text) } as { readonly [Name in Field]?: number };
}

/** `--nft`, else what the host keeps its rules with. A recorded host is refused when it is to be changed. */
export async function ruleToolFor(values: PlanValues, read: ReadHosts, at: 0 | 1): Promise<RuleTool> {
  const transport = read.hosts[at]?.transport;
  if (values['nft'] === true) return 'nft';
  return transport?.live === true ? ruleToolOf(transport) : 'iptables';
}
