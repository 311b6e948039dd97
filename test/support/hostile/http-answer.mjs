// @ts-check

/** An answer of HTTP as bytes. @param {string | Buffer} body @param {Record<string, string>} [headers] of nothing else @param {string} [status] */
export function httpAnswer(body, headers = {}, status = '200 OK') {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), connection: 'close', ...headers });
  const head = [`HTTP/1.1 ${status}`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}
