import { bridgeTokenVariable, bridgeUrlVariable, type Driver, type Reporter } from '../bridge';

/** Calls into the process that drives the page; rejects with its error's message. */
async function call(method: string, args: readonly unknown[]): Promise<unknown> {
  const url = process.env[bridgeUrlVariable];
  if (url === undefined) throw new Error(`Start this suite by "npm run test:e2e": ${bridgeUrlVariable} is not set.`);
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env[bridgeTokenVariable] ?? ''}` },
    body: JSON.stringify({ method, args }),
  });
  const answer = (await response.json()) as { readonly result?: unknown; readonly error?: string };
  if (answer.error !== undefined) throw new Error(`${method}(${args.map((arg) => JSON.stringify(arg)).join(', ')}): ${answer.error}`);
  return answer.result;
}

/** Whatever the process that drives the page can do, by name: a harness may offer more than the driver. */
export const remote: unknown = new Proxy(
  {},
  {
    get:
      (_target, method) =>
      (...args: unknown[]) =>
        call(String(method), args),
  },
);

/** The user at the page. */
export const driver = remote as Driver;
export const reporter = remote as Reporter;
