import { afterGuesses } from './after-guesses.js';

interface BrowserRequest extends Omit<RequestInit, 'headers'> {
  readonly headers?: Record<string, string>;
}

/** Keeps cookies and follows redirects as a browser does, without its rules about sites. */
export class HttpBrowser {
  private readonly cookies = new Map<string, string>();

  /** Requests one page. */
  async fetch(url: string, init: BrowserRequest = {}): Promise<Response> {
    return afterGuesses(
      () => this.fetchOnce(url, init),
      (response) => response.clone().text(),
    );
  }

  private async fetchOnce(url: string, { headers = {}, ...init }: BrowserRequest): Promise<Response> {
    const cookie = this.cookieHeader(url);
    const sent = cookie === '' ? headers : { cookie, ...headers };
    const response = await fetch(url, { ...init, headers: sent, redirect: 'manual' });
    for (const header of response.headers.getSetCookie()) this.keep(new URL(url).hostname, header);
    return response;
  }

  /** Requests a page and what it redirects to, up to the first answer for which `isLast` holds or that is no redirect. */
  async follow(
    url: string,
    init: BrowserRequest = {},
    isLast = (_url: string): boolean => false,
  ): Promise<{ url: string; response: Response }> {
    let at = url;
    let response = await this.fetch(at, init);
    for (let hops = 0; hops < 10 && response.status >= 300 && response.status < 400; hops += 1) {
      at = new URL(response.headers.get('location')!, at).href;
      if (isLast(at)) break;
      response = await this.fetch(at);
    }
    return { url: at, response };
  }

  cookie(hostname: string, name: string): string | undefined {
    return this.cookies.get(`${hostname} ${name}`);
  }

  setCookie(hostname: string, name: string, value: string): void {
    this.cookies.set(`${hostname} ${name}`, value);
  }

  private cookieHeader(url: string): string {
    const prefix = `${new URL(url).hostname} `;
    return [...this.cookies]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => `${key.slice(prefix.length)}=${value}`)
      .join('; ');
  }

  private keep(hostname: string, header: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(header)!;
    if (value === '' || /;\s*max-age=0/i.test(header)) this.cookies.delete(`${hostname} ${name}`);
    else this.setCookie(hostname, name!, value!);
  }
}
