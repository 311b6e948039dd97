const HIDDEN = '***';

/** `scheme://user:password@`: all up to the last `@` before the path, since people forget to encode an `@`. */
const URL_PASSWORD = /(:\/\/[^\s:/@"']*:)[^\s/"']+@/g;
const QUERY_SECRET = /([?&](?:password|passwd|token|secret|api_?key)=)[^&\s"'\\]+/gi;
const API_KEY = /\b(sk_(?:live|test)_)[0-9A-Za-z]+/g;

/** A URL, or a text with URLs in it, as it may be shown: user, host and path stay; passwords and secret parameters do not. */
export function redactUrl(text: string): string {
  return text.replace(URL_PASSWORD, `$1${HIDDEN}@`).replace(QUERY_SECRET, `$1${HIDDEN}`);
}

/** What `redactUrl` does, and API keys too: for finished log lines and error texts. */
export function redactText(text: string): string {
  return redactUrl(text).replace(API_KEY, `$1${HIDDEN}`);
}
