const MAX_CHARACTERS = 2_048;

/** An endpoint as it is stored, with the target that is connected to. */
export interface EndpointUrl {
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** The URL cannot be used. */
export class BadEndpointUrl extends Error {
  override readonly name = 'BadEndpointUrl';
}

/** @throws BadEndpointUrl */
export function parseEndpointUrl(text: string, { livemode }: { readonly livemode: boolean }): EndpointUrl {
  if (!URL.canParse(text)) throw new BadEndpointUrl('it is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new BadEndpointUrl('it must start with https://');
  if (livemode && url.protocol !== 'https:')
    throw new BadEndpointUrl('it must start with https:// in live mode; environment test allows http://');
  if (url.username !== '' || url.password !== '')
    throw new BadEndpointUrl('it must not have a user or password: requests are signed');
  if (url.port === '0') throw new BadEndpointUrl('its port must be from 1 to 65535');
  if (url.href.includes('#')) throw new BadEndpointUrl('it must not have a fragment (#)');
  if (url.href.length > MAX_CHARACTERS) throw new BadEndpointUrl(`it has more than ${MAX_CHARACTERS} characters`);
  const usual = url.protocol === 'https:' ? 443 : 80;
  return { url: url.href, host: url.hostname, port: url.port === '' ? usual : Number(url.port) };
}
