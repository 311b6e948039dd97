import { freePort } from '@signalbox/local-infra';
import { unservedRoutes } from '@signalbox/contracts/http';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT, IdentityProvider } from '../support/identity-provider.js';
import { signIn } from '../support/sign-in.js';
import { System, type SystemInProcess } from '../support/system.js';

const HOST = '127.0.0.1';
const ROLES = ['member', 'manager', 'admin'] as const;
type Role = (typeof ROLES)[number];
type Operation = readonly [method: string, path: string];
type Headers = Record<string, string>;

const people = Object.fromEntries(ROLES.map((role) => [role, { name: role, groups: [role] }]));

const PUBLIC =
  /^\/(healthz|livez|readyz|health|health\/liveness|health\/readiness|\.well-known\/jwks\.json|v1\/session\/(sign-in|callback))$/;

/** The roles that the contracts give for reading and for all else; the first prefix that fits counts. */
const REQUIRED: readonly [prefix: RegExp, read: Role, write: Role][] = [
  // A member may test what is stored; the role that is needed for anything else depends on the body.
  [/^\/api\/v0\/(.+\/)?connections\/(.+\/)?test$/, 'member', 'member'],
  [/^\/api\/v0\//, 'member', 'manager'],
  [/^(\/api)?\/v1\/datasources/, 'member', 'admin'],
  [/^\/api\/admin\//, 'admin', 'admin'],
  [/^\/api(\/|$)/, 'member', 'member'],
  [/^\/v1\/notices/, 'member', 'manager'],
  [/^\/v1\/(status|tokens|session|usage|examples|help|chat)(\/|$)/, 'member', 'member'],
  [/^\/v1\/(dataplanes|restarts|readers)/, 'member', 'admin'],
  [/^\/v1\/(keys|accounts|tiers|audit|sessions|quotas)/, 'admin', 'admin'],
  [/^\/(status|reader|reader_groups|config)(\/|$)/, 'admin', 'admin'],
  [/^\/(generate|image_generate|embed|classify|tokenize|detokenize|chat_template|inference)/, 'member', 'member'],
];

const requiredOf = ([method, path]: Operation): Role => {
  const found = REQUIRED.find(([prefix]) => prefix.test(path));
  if (found === undefined) throw new Error(`the contracts say nothing of ${path}: add it to the table`);
  return method === 'GET' ? found[1] : found[2];
};

const basic = (key: string): Headers => ({
  authorization: `Basic ${Buffer.from(`any:${key}`).toString('base64')}`,
});

describe('the roles', () => {
  let system: SystemInProcess;
  let provider: IdentityProvider;
  let operations: readonly Operation[] = [];
  const forms = new Map<string, ReadonlyMap<Role, Headers>>();

  beforeAll(async () => {
    const port = await freePort();
    const base = `http://${HOST}:${port}`;
    provider = new IdentityProvider({ port: await freePort(), callbackUrl: `${base}/v1/session/callback`, people });
    await provider.start();
    system = await System.inProcess();
    await system.startGateway({
      PORT: String(port),
      SIGNALBOX_PUBLIC_URL: base,
      SIGNALBOX_OIDC_ISSUER: provider.issuer,
      SIGNALBOX_OIDC_CLIENT_ID: CLIENT.id,
      SIGNALBOX_OIDC_CLIENT_SECRET: CLIENT.secret,
      SIGNALBOX_OIDC_SCOPES: 'openid profile',
      SIGNALBOX_OIDC_GROUPS: ROLES.map((role) => `${role}=${role}@operators`).join(';'),
    });
    await eventually(async () => (await fetch(`${base}/v1/session/sign-in`, { redirect: 'manual' })).status === 302);
    operations = [...(await documented()), ...unserved()];
    for (const role of ROLES) await addForms(role, base);
  });
  afterAll(async () => {
    await system?.close();
    await provider?.stop();
  });

  const documented = async (): Promise<Operation[]> => {
    const { paths } = (await (await system.get('/openapi.json')).json()) as { paths: Record<string, object> };
    return Object.entries(paths)
      .flatMap(([path, methods]) => Object.keys(methods).map((method): Operation => [method.toUpperCase(), path]))
      .filter(([, path]) => !PUBLIC.test(path));
  };
  const unserved = (): Operation[] =>
    unservedRoutes.flatMap(({ paths, methods = ['GET', 'POST'] }) =>
      paths.flatMap((path) => methods.map((method): Operation => [method, path])),
    );

  /** Again where a busy machine answers that the request cannot be counted or stored now. */
  const created = (path: string, body: object, key?: string): Promise<Record<string, string>> =>
    eventually(async () => {
      const response = await system.send('POST', path, body, key);
      if (response.status === 503) return undefined;
      expect(response.status).toBe(201);
      return (await response.json()) as Record<string, string>;
    });

  /** Each form of credential that a request may have, of a caller with this role. */
  const addForms = async (role: Role, base: string): Promise<void> => {
    const { key } = await created('/v1/keys', { name: role, role, account: 'operators' });
    const { token } = await created('/v1/tokens', {}, key);
    const person = await signIn(base, role);
    const session = {
      cookie: `signalbox_session=${person.browser.cookie(HOST, 'signalbox_session')}`,
      'x-csrf-token': person.token,
    };
    const sent: [string, Headers][] = [
      ['X-Api-Key', { 'x-api-key': key! }],
      ['a bearer key', { authorization: `Bearer ${key}` }],
      ['a bearer token', { authorization: `Bearer ${token}` }],
      ['Basic', basic(key!)],
      ['Basic with a token', basic(token!)],
      ['a session', session],
    ];
    for (const [form, headers] of sent) forms.set(form, new Map([...(forms.get(form) ?? []), [role, headers]]));
  };

  /** A NUL character in the address is refused right after role and scope are checked: nothing is changed, and no service is asked. */
  const send = async ([method, path]: Operation, headers: Headers): Promise<{ status: number; body: string }> => {
    const target = `${path.replaceAll(/\{\w+\}|:\w+/g, 'x')}?%00`;
    const response = await fetch(`${system.baseUrl}${target}`, { method, headers });
    return { status: response.status, body: await response.text() };
  };

  it.each(['X-Api-Key', 'a bearer key', 'a bearer token', 'Basic', 'Basic with a token', 'a session'])(
    'are required of %s on each route',
    async (form) => {
      expect(operations.length).toBeGreaterThan(100);
      for (const [role, headers] of forms.get(form)!) {
        for (const operation of operations) {
          const isAllowed = ROLES.indexOf(role) >= ROLES.indexOf(requiredOf(operation));
          const expected = isAllowed ? [400, '%00'] : [403, 'requires a key of role'];
          const { status, body } = await send(operation, headers);
          expect([role, ...operation, status, body]).toEqual([
            role,
            ...operation,
            expected[0],
            expect.stringContaining(String(expected[1])),
          ]);
        }
      }
    },
  );

  it('are no help without a credential, or with an empty one', async () => {
    for (const headers of [{}, { 'x-api-key': '' }, { authorization: 'Bearer' }, basic(''), { cookie: 'a=b' }])
      for (const operation of operations)
        expect([...operation, (await send(operation, headers as Headers)).status]).toEqual([...operation, 401]);
  });
});
