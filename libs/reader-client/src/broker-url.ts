import { readFileSync } from 'node:fs';
import { optionError } from './option-error.js';

/** Where the URL of the broker comes from. */
export type UrlSource = { readonly url: string } | { readonly file: string };

/** @throws TypeError where not exactly one is given, where it is not valid, or where the file has no valid one. */
export function checkedSource({ url, urlFile }: { url?: string | undefined; urlFile?: string | undefined }): UrlSource {
  if ((url === undefined) === (urlFile === undefined)) throw optionError(['url: give either url or urlFile']);
  const source = url === undefined ? { file: urlFile! } : { url };
  urlOf(source);
  return source;
}

/**
 * The URL of now, with a short AMQP heartbeat, which detects a silent broker within seconds.
 * @throws TypeError without quoting the URL, which holds a password.
 */
export function urlOf(source: UrlSource): string {
  if ('url' in source) return checkedUrl(source.url, 'url');
  let text;
  try {
    text = readFileSync(source.file, 'utf8');
  } catch (error) {
    throw optionError([`urlFile: ${source.file} cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
  return checkedUrl(text.trim(), `urlFile: ${source.file}`);
}

function checkedUrl(url: string, name: string): string {
  if (!URL.canParse(url)) throw optionError([`${name}: must be an amqp:// or amqps:// URL`]);
  const parsed = new URL(url);
  if (!/^amqps?:$/.test(parsed.protocol) || parsed.hostname === '')
    throw optionError([`${name}: must be an amqp:// or amqps:// URL with a host`]);
  parsed.searchParams.set('heartbeat', '5');
  return parsed.href;
}
