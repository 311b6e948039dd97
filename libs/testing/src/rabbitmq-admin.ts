import { requireTestInfra } from './config.js';

/** Of the management API of the test broker, with a user that may do everything there. */
export function managementUrl(): string {
  const { managementPort, user, password } = requireTestInfra().rabbitmq;
  return `http://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${managementPort}`;
}

/** Calls the management API of the test broker; `path` starts behind `/api`. Throws on an answer that is not 2xx, but 404 gives `undefined`. */
export async function callManagement<T>(
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T | undefined> {
  const { managementPort, user, password } = requireTestInfra().rabbitmq;
  const response = await fetch(`http://127.0.0.1:${managementPort}/api${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${method} ${path} of the test broker: ${response.status} ${text}`);
  return text === '' ? undefined : (JSON.parse(text) as T);
}
