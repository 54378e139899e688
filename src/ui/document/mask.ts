/** What stands for a value that is not shown. */
export const masked = '(not shown)';

/**
 * An engine record without the values of its environment variables: they often are passwords. The names stay.
 * Docker: Config.Env, a list of NAME=VALUE (GET /containers/{id}/json).
 */
export function maskEnvironment(record: unknown): unknown {
  if (!isObject(record)) return record;
  const config = record['Config'];
  if (!isObject(config) || !Array.isArray(config['Env'])) return record;
  const environment = config['Env'].map((entry: unknown) => (typeof entry === 'string' ? entry.replace(/=[\s\S]*$/, `=${masked}`) : masked));
  return { ...record, Config: { ...config, Env: environment } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
