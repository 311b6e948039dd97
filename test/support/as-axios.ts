import { sendRaw, type RawAnswer } from './raw-request.js';

export interface AxiosCall {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body?: string;
  /** More than `axios` sends by itself. */
  readonly headers?: readonly string[];
}

/** Sends a request as the generated clients of the registry do: the headers of `axios`, and the body as it is. */
export function asAxios(baseUrl: string, { method, path, key, body, headers = [] }: AxiosCall): Promise<RawAnswer> {
  const content =
    body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
  return sendRaw(baseUrl, {
    line: `${method} ${path}`,
    headers: [
      'Accept: application/json, text/plain, */*',
      ...content,
      `Authorization: Bearer ${key}`,
      ...headers,
      'User-Agent: axios/1.13.2',
      'Accept-Encoding: gzip, compress, deflate, br',
      'Host',
      'Connection: keep-alive',
    ],
    ...(body !== undefined && { body }),
  });
}
