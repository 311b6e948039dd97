const MOST_CHARACTERS = 500;

/**
 * Whether a browser that follows it stays on this server. `//host` and `/\host` are other hosts to a browser, and it drops control
 * characters, so that `/<tab>/host` is one, too.
 */
export function isLocalPath(text: string): boolean {
  if (text.length > MOST_CHARACTERS || !/^\/(?![/\\])[\u0021-\u007e]*$/.test(text)) return false;
  const here = 'http://here.invalid';
  return URL.canParse(text, here) && new URL(text, here).origin === here;
}
