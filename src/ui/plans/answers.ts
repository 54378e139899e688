import { PlanRefused, type Plan } from '../../core/plan/plan';

/** Whether a question was answered, and not gone back from or given up. */
export function isAnswer<Value>(value: Value | 'back' | undefined): value is Value {
  return value !== undefined && value !== 'back';
}

/** The plan, or why there can be none. */
export function attempt(make: () => Plan): Plan | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof PlanRefused) return error.message;
    throw error;
  }
}

export function refusalOf(make: () => Plan): string | undefined {
  const made = attempt(make);
  return typeof made === 'string' ? made : undefined;
}
