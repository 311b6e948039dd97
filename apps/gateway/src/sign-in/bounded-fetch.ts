import type { CustomFetch } from 'openid-client';

const MOST_BYTES = 1_048_576;

/** `fetch` that reads no more than a mebibyte of a body. */
export const boundedFetch: CustomFetch = async (url, options) => {
  // The options that openid-client gives are those of `fetch`, in types of its own.
  const response = await fetch(url, options as RequestInit);
  const { status, statusText, headers } = response;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Response(bytes === 0 ? null : Buffer.concat(chunks), { status, statusText, headers });
};
