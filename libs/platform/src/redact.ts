const HIDDEN = '***';

/** `scheme://user:password@`: all up to the last `@` before the path, because an `@` in a password is often not encoded. */
const URL_PASSWORD = /(:\/\/[^\s:/@"']*:)[^\s/"']+@/g;
const QUERY_SECRET = /([?&](?:password|passwd|token|secret|api_?key)=)[^&\s"'\\]+/gi;
const API_KEY = /\b([sra]k_(?:live|test)_)[0-9A-Za-z]+/g;
/** A JWT: `eyJ` is `{"` in base64url. */
const TOKEN = /\b(eyJ)[\w-]+\.[\w-]+\.[\w-]+/g;

/** Removes passwords and secret parameters from a URL, or from all URLs in a text. User, host and path stay. */
export function redactUrl(text: string): string {
  return text.replace(URL_PASSWORD, `$1${HIDDEN}@`).replace(QUERY_SECRET, `$1${HIDDEN}`);
}

/** Like `redactUrl`, and removes API keys and signed tokens: for finished log lines and error texts. */
export function redactText(text: string): string {
  return redactUrl(text).replace(API_KEY, `$1${HIDDEN}`).replace(TOKEN, `$1${HIDDEN}`);
}
