const HIDDEN = '***';

/** `scheme://user:password@`: all up to the last `@` before the path, since people forget to encode an `@`. */
const URL_PASSWORD = /(:\/\/[^\s:/@"']*:)[^\s/"']+@/g;
const QUERY_SECRET = /([?&](?:password|passwd|token|secret|api_?key)=)[^&\s"']+/gi;
const API_KEY = /\b(sk_(?:live|test)_)[0-9A-Za-z]+/g;

/** A text without the passwords of the URLs in it, without secret query parameters and without API keys. */
export function redactText(text: string): string {
  return text.replace(URL_PASSWORD, `$1${HIDDEN}@`).replace(QUERY_SECRET, `$1${HIDDEN}`).replace(API_KEY, `$1${HIDDEN}`);
}

/** A URL as it may be shown: user, host and path stay, the password and secret query parameters do not. */
export function redactUrl(url: string): string {
  return redactText(url);
}
