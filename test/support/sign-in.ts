import { expect } from 'vitest';
import { HttpBrowser } from './http-browser.js';

export interface WhoAmI {
  via: string;
  id: string;
  session: { csrf_token: string; expires_at: string } | null;
}

export interface SignedIn {
  readonly browser: HttpBrowser;
  readonly me: WhoAmI;
  /** What a change by the session needs as `X-CSRF-Token`. */
  readonly token: string;
}

/** Goes through the pages of the provider as this person, up to the address to which it sends the browser back. An empty login cancels there. */
export async function leave(base: string, browser: HttpBrowser, login: string, returnTo = '/'): Promise<string> {
  const isBack = (url: string): boolean => url.startsWith(`${base}/v1/session/callback`);
  const start = `${base}/v1/session/sign-in?return_to=${encodeURIComponent(returnTo)}`;
  const page = await browser.follow(start, {}, isBack);
  if (isBack(page.url)) return page.url;
  const { url } = await browser.follow(page.url, { method: 'POST', body: new URLSearchParams({ login }) }, isBack);
  expect(isBack(url)).toBe(true);
  return url;
}

/** The same; returns the answer of the gateway. */
export async function comeBack(
  base: string,
  browser: HttpBrowser,
  login: string,
  returnTo?: string,
): Promise<Response> {
  return browser.fetch(await leave(base, browser, login, returnTo));
}

export async function signIn(base: string, login: string): Promise<SignedIn> {
  const browser = new HttpBrowser();
  expect((await comeBack(base, browser, login)).status).toBe(200);
  const me = (await (await browser.fetch(`${base}/v1/session`)).json()) as WhoAmI;
  return { browser, me, token: me.session!.csrf_token };
}
