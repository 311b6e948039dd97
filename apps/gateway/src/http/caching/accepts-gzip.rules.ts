/** Whether a client takes gzip (RFC 9110 §12.5.3). @param accepted its Accept-Encoding */
export function acceptsGzip(accepted: string | undefined): boolean {
  if (accepted === undefined) return false;
  const codings = new Map(accepted.split(',').map(codingOf));
  const quality = codings.get('gzip') ?? codings.get('x-gzip') ?? codings.get('*') ?? 0;
  return quality > 0;
}

function codingOf(text: string): [name: string, quality: number] {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return [name, quality === undefined ? 1 : Number(quality.slice(2))];
}
