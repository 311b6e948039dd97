import { freePort } from '@signalbox/local-infra';
import { eventually, testPackages } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foreignPage, withBrowser } from '../support/browser.js';
import { HttpBrowser } from '../support/http-browser.js';
import { CLIENT, IdentityProvider } from '../support/identity-provider.js';
import type { ServiceInProcess } from '../support/service-in-process.js';
import * as pages from '../support/sign-in.js';
import { System, type SystemInProcess } from '../support/system.js';

const HOST = '127.0.0.1';
const SESSION = 'signalbox_session';
/** Its pages may call the API with a key, and no more than others with a session. */
const LISTED = 'https://example.com';
const PENDING = 'signalbox_sign_in';

const people = {
  ada: { name: 'Ada', groups: ['everyone', 'staff', 'platform'] },
  bob: { name: 'Bob', groups: ['staff'] },
  root: { name: 'Root', groups: ['admins'] },
  eve: { name: 'Eve', groups: ['everyone'] },
  lost: { name: 'Lost', groups: ['lost'] },
};

const refusal = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { code: string }).code,
];

describe('signing in', () => {
  let system: SystemInProcess;
  let provider: IdentityProvider;
  let store: pg.Client;
  let whileDown: { answer: Response; page: Response };
  let environment: Record<string, string>;
  let base: string;
  let gateway: ServiceInProcess;
  let other: ServiceInProcess | undefined;
  let otherBase: string;

  beforeAll(async () => {
    system = await System.inProcess();
    const port = await freePort();
    base = `http://${HOST}:${port}`;
    provider = new IdentityProvider({ port: await freePort(), callbackUrl: `${base}/v1/session/callback`, people });
    environment = {
      SIGNALBOX_PUBLIC_URL: base,
      SIGNALBOX_CORS_ORIGINS: LISTED,
      SIGNALBOX_OIDC_ISSUER: provider.issuer,
      SIGNALBOX_OIDC_CLIENT_ID: CLIENT.id,
      SIGNALBOX_OIDC_CLIENT_SECRET: CLIENT.secret,
      SIGNALBOX_OIDC_SCOPES: 'openid profile',
      SIGNALBOX_OIDC_GROUPS: 'staff=member; platform=manager@operators; admins=admin; lost=admin@missing',
    };
    gateway = await system.startGateway({ ...environment, PORT: String(port) });
    const start = `${base}/v1/session/sign-in`;
    whileDown = { answer: await fetch(start), page: await fetch(start, { headers: { accept: 'text/html' } }) };
    await provider.start();
    await eventually(async () => (await fetch(start, { redirect: 'manual' })).status === 302);
    store = new pg.Client({ connectionString: system.database.url });
    await store.connect();
  });
  afterAll(async () => {
    await other?.stop();
    await gateway?.stop();
    await provider?.stop();
    await store?.end();
    await system?.close();
  });

  const comeBack = (browser: HttpBrowser, login: string, returnTo?: string) =>
    pages.comeBack(base, browser, login, returnTo);
  const leave = (browser: HttpBrowser, login: string) => pages.leave(base, browser, login);
  const signIn = (login: string) => pages.signIn(base, login);

  const signOut = (browser: HttpBrowser, headers: Record<string, string>, at = base): Promise<Response> =>
    browser.fetch(`${at}/v1/session/sign-out`, { method: 'POST', headers });

  it('answers 503 while the provider is down, which does not keep a gateway from starting', async () => {
    expect(await refusal(whileDown.answer)).toEqual([503, 'identity_provider_unavailable']);
    expect([whileDown.page.status, whileDown.page.headers.get('content-type')]).toEqual([
      503,
      'text/html; charset=utf-8',
    ]);
    expect(await whileDown.page.text()).toContain('The identity provider cannot be reached');
  });

  it('gives a session with the highest role of the groups, and its account', async () => {
    const browser = new HttpBrowser();
    const signedIn = await comeBack(browser, 'ada', '/v1/status?a=1&b=2');
    expect(signedIn.status).toBe(200);
    expect(await signedIn.text()).toContain('<meta http-equiv="refresh" content="0; url=/v1/status?a=1&amp;b=2">');
    const [cookie] = signedIn.headers.getSetCookie();
    expect(cookie).toMatch(/^signalbox_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    expect(await (await browser.fetch(`${base}/v1/session`)).json()).toMatchObject({
      via: 'session',
      id: expect.stringMatching(/^person_[0-9a-f]{32}$/),
      name: 'Ada',
      role: 'manager',
      account: 'operators',
    });
    const { data } = (await (await browser.fetch(`${base}/v1/status`)).json()) as { data: { account: object } };
    expect(data.account).toMatchObject({ tier: 'operators', type: 'live', capabilities: ['manager'] });
    const bob = await signIn('bob');
    expect(bob.me).toMatchObject({ role: 'member', account: 'default' });
    expect(await refusal(await bob.browser.fetch(`${base}/v1/keys`))).toEqual([403, 'insufficient_role']);
  });

  it('lets an admin create a key, which names the person', async () => {
    const { browser, me, token } = await signIn('root');
    const response = await browser.fetch(`${base}/v1/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': token },
      body: JSON.stringify({ name: 'made by a person', role: 'member' }),
    });
    expect([response.status, await response.json()]).toMatchObject([201, { created_by: me.id }]);
  });

  it('counts all requests of a person together', async () => {
    const [one, two] = [await signIn('ada'), await signIn('ada')];
    expect(one.me.id).toBe(two.me.id);
    const remaining = async ({ browser }: typeof one): Promise<number> =>
      Number((await browser.fetch(`${base}/v1/status`)).headers.get('x-ratelimit-remaining'));
    expect([await remaining(one), await remaining(two)]).toEqual([expect.any(Number), expect.any(Number)]);
    expect((await remaining(one)) - (await remaining(two))).toBe(1);
  });

  it('refuses a person without a role, and one whose account does not exist', async () => {
    for (const login of ['eve', 'lost']) {
      const browser = new HttpBrowser();
      expect(await refusal(await comeBack(browser, login))).toEqual([403, 'sign_in_not_permitted']);
      expect(browser.cookie(HOST, SESSION)).toBeUndefined();
    }
    const browser = new HttpBrowser();
    const callback = await leave(browser, 'eve');
    const page = await browser.fetch(callback, { headers: { accept: 'text/html,*/*' } });
    expect([page.status, await page.text()]).toEqual([403, expect.stringContaining('none of your groups has a role')]);
  });

  it('refuses who cancels at the provider', async () => {
    expect(await refusal(await comeBack(new HttpBrowser(), ''))).toEqual([403, 'sign_in_refused']);
  });

  it('completes a sign-in once, in the browser that began it', async () => {
    const browser = new HttpBrowser();
    const callback = await leave(browser, 'bob');
    const refused = [400, 'sign_in_expired'];
    expect(await refusal(await fetch(callback))).toEqual(refused);
    const another = new HttpBrowser();
    await leave(another, 'eve');
    expect(await refusal(await another.fetch(callback))).toEqual(refused);
    const changed = new HttpBrowser();
    const sealed = browser.cookie(HOST, PENDING)!;
    changed.setCookie(HOST, PENDING, `${sealed.slice(0, -4)}AAAA`);
    expect(await refusal(await changed.fetch(callback))).toEqual(refused);
    expect((await browser.fetch(callback)).status).toBe(200);
    // With the cookie, which the browser has deleted, the provider still knows that the code was used.
    browser.setCookie(HOST, PENDING, sealed);
    expect(await refusal(await browser.fetch(callback))).toEqual(refused);
  });

  it.each(['//example.com', 'https://example.com/', String.raw`/\example.com`])(
    'does not return to %s',
    async (returnTo) => {
      const start = `${base}/v1/session/sign-in?return_to=${encodeURIComponent(returnTo)}`;
      expect(await refusal(await fetch(start, { redirect: 'manual' }))).toEqual([400, 'invalid_request']);
    },
  );

  it('refuses forged requests', async () => {
    const { browser, token } = await signIn('bob');
    const stranger = await signIn('bob');
    const forged = [403, 'forged_request'];
    const headers: Record<string, string>[] = [
      {},
      { 'x-csrf-token': 'wrong' },
      { 'x-csrf-token': stranger.token },
      { 'x-csrf-token': token, origin: LISTED },
      { 'x-csrf-token': token, origin: 'https://other.example' },
      { 'x-csrf-token': token, origin: 'null' },
      { 'x-csrf-token': token, 'sec-fetch-site': 'cross-site' },
      { 'x-csrf-token': token, 'sec-fetch-site': 'same-site' },
      { 'x-csrf-token': token, 'sec-fetch-site': 'none' },
    ];
    for (const each of headers) expect([each, await refusal(await signOut(browser, each))]).toEqual([each, forged]);
    // Our own page goes on to `return_to`, which another page may have chosen, and one read changes something.
    const reload = async (headers: Record<string, string>): Promise<unknown> =>
      (
        await browser.fetch(`${base}/api/v0/projects/none?reload=true`, {
          headers: { 'sec-fetch-site': 'same-origin', ...headers },
        })
      ).json();
    expect(await reload({})).toMatchObject({ code: 403, message: expect.stringContaining('may be forged') as unknown });
    expect(await reload({ 'x-csrf-token': token })).not.toMatchObject({
      message: expect.stringContaining('forged') as unknown,
    });
    const read = (site: string): Promise<Response> =>
      browser.fetch(`${base}/v1/session`, { headers: { 'sec-fetch-site': site } });
    expect(await refusal(await read('cross-site'))).toEqual(forged);
    expect((await read('none')).status).toBe(200);
    const readFrom = (origin: string): Promise<Response> =>
      browser.fetch(`${base}/v1/session`, { headers: { origin } });
    expect(await refusal(await readFrom(LISTED))).toEqual(forged);
    expect((await readFrom(base)).status).toBe(200);
    const ours = { 'x-csrf-token': token, origin: base, 'sec-fetch-site': 'same-origin' };
    expect((await signOut(browser, ours)).status).toBe(200);
  });

  it('slows down who guesses cookies or codes', async () => {
    const statusesOf = async (path: string, headers: Record<string, string>): Promise<Set<number>> => {
      const answers = Array.from({ length: 30 }, () => fetch(`${base}${path}`, { headers }));
      return new Set((await Promise.all(answers)).map(({ status }) => status));
    };
    expect(await statusesOf('/v1/session', { cookie: `${SESSION}=${'x'.repeat(43)}` })).toEqual(new Set([401, 429]));
    expect(await statusesOf('/v1/session/callback?state=s&code=c', {})).toContain(429);
    // Others can begin to sign in, and complete it when the second has passed.
    await eventually(async () => (await fetch(`${base}/v1/session/sign-in`, { redirect: 'manual' })).status === 302);
    await eventually(async () => (await comeBack(new HttpBrowser(), 'bob')).status === 200);
  });

  it('lets an explicit key win over the cookie', async () => {
    const { browser } = await signIn('bob');
    const headers = { 'x-api-key': system.adminKey };
    const me = await browser.fetch(`${base}/v1/session`, { headers });
    expect(await me.json()).toMatchObject({ via: 'key', role: 'admin', session: null });
    expect(await refusal(await signOut(browser, headers))).toEqual([409, 'not_signed_in']);
    const wrong = await browser.fetch(`${base}/v1/session`, { headers: { 'x-api-key': 'sk_live_x' } });
    expect(await refusal(wrong)).toEqual([401, 'api_key_invalid']);
  });

  it('ends a session on every gateway, and gives the address to sign out of the provider', async () => {
    other = system.start('gateway', system.gatewayEnvironment(environment));
    otherBase = `http://${HOST}:${(await other.ready).port}`;
    const { browser, token } = await signIn('ada');
    const there = async (): Promise<number> => (await browser.fetch(`${otherBase}/v1/session`)).status;
    await eventually(async () => (await there()) === 200);
    const secret = browser.cookie(HOST, SESSION)!;
    // On the gateway that did not start it.
    const answer = await signOut(browser, { 'x-csrf-token': token }, otherBase);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { end_session_url: `${provider.issuer}/session/end?client_id=${CLIENT.id}` },
    ]);
    expect(browser.cookie(HOST, SESSION)).toBeUndefined();
    browser.setCookie(HOST, SESSION, secret);
    expect(await refusal(await browser.fetch(`${otherBase}/v1/session`))).toEqual([401, 'session_expired']);
    await eventually(async () => (await browser.fetch(`${base}/v1/session`)).status === 401);
  });

  it('lets an admin list sessions and end them', async () => {
    const { browser, me } = await signIn('ada');
    interface Listed {
      id: string;
      person: string;
    }
    const { data } = (await (await system.get('/v1/sessions')).json()) as { data: Listed[] };
    expect(data[0]).toMatchObject({ person: me.id, name: 'Ada', role: 'manager', account: 'operators' });
    expect(JSON.stringify(data)).not.toContain(browser.cookie(HOST, SESSION));
    const end = (): Promise<Response> => system.send('DELETE', `/v1/sessions/${data[0]!.id}`);
    expect((await end()).status).toBe(204);
    expect(await refusal(await browser.fetch(`${base}/v1/session`))).toEqual([401, 'session_expired']);
    expect(await refusal(await end())).toEqual([404, 'session_not_found']);
    expect(await refusal(await (await signIn('ada')).browser.fetch(`${base}/v1/sessions`))).toEqual([
      403,
      'insufficient_role',
    ]);
  });

  it('keeps at most twenty sessions of a person', async () => {
    const first = await signIn('bob');
    const { rows } = await store.query('SELECT 1 FROM gateway.session WHERE person = $1', [first.me.id]);
    for (let more = rows.length; more < 21; more += 1) await signIn('bob');
    const left = await store.query('SELECT 1 FROM gateway.session WHERE person = $1', [first.me.id]);
    expect(left.rows).toHaveLength(20);
  });

  /** Gateways begin with the deletion of what has expired. */
  const expireSessionsOf = async (person: string): Promise<void> => {
    await store.query("UPDATE gateway.session SET idle_expires_at = now() - interval '1 s' WHERE person = $1", [
      person,
    ]);
    await other?.stop();
    other = system.start('gateway', system.gatewayEnvironment(environment));
    await other.ready;
  };

  it('refuses a session that has expired, and deletes it', async () => {
    const { browser, me } = await signIn('ada');
    await expireSessionsOf(me.id);
    await eventually(async () => (await browser.fetch(`${base}/v1/session`)).status === 401);
    expect(await refusal(await browser.fetch(`${base}/v1/session`))).toEqual([401, 'session_expired']);
    const { rows } = await store.query('SELECT 1 FROM gateway.session WHERE person = $1', [me.id]);
    expect(rows).toEqual([]);
  });

  it('answers 503 when the provider fails between the two steps', async () => {
    const browser = new HttpBrowser();
    const callback = await leave(browser, 'bob');
    await provider.stop();
    expect(await refusal(await browser.fetch(callback))).toEqual([503, 'identity_provider_unavailable']);
    await provider.start();
    expect((await browser.fetch(callback)).status).toBe(200);
  });

  it('logs no secret', async () => {
    const { browser, token } = await signIn('bob');
    const { output } = gateway;
    expect(output).toContain('person signed in');
    for (const secret of [CLIENT.secret, token, browser.cookie(HOST, SESSION)!]) expect(output).not.toContain(secret);
    expect(output).not.toMatch(/eyJ|code=/);
  });

  it(
    'works in a browser: in, forged requests refused, out, expired session refused',
    { timeout: 700_000 },
    async () => {
      await testPackages();
      await withBrowser(async (page) => {
        const enter = async (): Promise<pages.WhoAmI> => {
          await page.goto(`${base}/v1/session/sign-in?return_to=/v1/session`);
          if (page.url().startsWith(provider.issuer)) {
            await page.fill('input[name=login]', 'ada');
            await page.click('button');
          }
          await page.waitForURL(`${base}/v1/session`);
          return JSON.parse(await page.innerText('body')) as pages.WhoAmI;
        };
        const visit = async (path: string): Promise<number | undefined> =>
          (await page.goto(`${base}${path}`))?.status();

        const me = await enter();
        expect(me).toMatchObject({ via: 'session', name: 'Ada', role: 'manager', account: 'operators' });
        expect(await page.evaluate('document.cookie')).toBe('');

        // To the browser, another port is the same site, and adds the cookie; another name is not, and does not.
        for (const [host, status] of [
          [HOST, 403],
          ['localhost', 401],
        ] as const) {
          await using forger = await foreignPage(host);
          await page.goto(forger.url);
          const answer = page.waitForResponse(`${base}/v1/session/sign-out`);
          const forged = { method: 'POST', mode: 'no-cors', credentials: 'include' };
          await page.evaluate(`fetch('${base}/v1/session/sign-out', ${JSON.stringify(forged)}).then(() => undefined)`);
          expect([host, (await answer).status()]).toEqual([host, status]);
        }
        expect(await visit('/v1/session')).toBe(200);

        const headers = JSON.stringify({ 'x-csrf-token': me.session!.csrf_token });
        const out = await page.evaluate(
          `fetch('/v1/session/sign-out', { method: 'POST', headers: ${headers} }).then((answer) => answer.json())`,
        );
        expect(out).toMatchObject({ end_session_url: expect.stringContaining(provider.issuer) });
        expect(await visit('/v1/session')).toBe(401);

        await enter();
        await expireSessionsOf(me.id);
        await eventually(async () => (await visit('/v1/session')) === 401);
        expect(await page.innerText('body')).toContain('session_expired');
      });
    },
  );
});
