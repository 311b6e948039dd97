import { request, type IncomingHttpHeaders } from 'node:http';

export interface AxiosCall {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  /** Sent byte for byte. */
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

export interface AxiosReply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request as the generated clients of the registry do, which use axios: the same headers and a body that is not touched. */
export function asAxios(baseUrl: string, { method, path, key, body, headers }: AxiosCall): Promise<AxiosReply> {
  const content =
    body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${baseUrl}${path}`,
      {
        method,
        headers: {
          Accept: 'application/json, text/plain, */*',
          ...content,
          Authorization: `Bearer ${key}`,
          'User-Agent': 'axios/1.12.2',
          'Accept-Encoding': 'gzip, compress, deflate, br',
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
