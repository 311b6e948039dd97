import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';

export const CLIENT = { id: 'signalbox', secret: 'a-secret-of-the-client' };

/** Who can sign in there, by login: what the provider says of them. */
export type People = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface IdentityProviderOptions {
  readonly port: number;
  readonly callbackUrl: string;
  readonly people: People;
}

/**
 * A real OpenID Connect provider on loopback. Its page asks for a login only. It is at `localhost`, which to a browser is another site
 * than `127.0.0.1`.
 */
export class IdentityProvider {
  readonly issuer: string;
  private readonly provider: Provider;
  private server: Server | undefined;

  constructor(private readonly options: IdentityProviderOptions) {
    this.issuer = `http://localhost:${options.port}`;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    this.provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: [options.callbackUrl],
          scope: 'openid profile',
        },
      ],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] },
      cookies: { keys: ['a key of the cookies'] },
      claims: { openid: ['sub'], profile: ['name', 'groups'] },
      findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...options.people[id] }) }),
      // It asks no person for consent.
      loadExistingGrant: async ({ oidc }) => {
        const grant = new this.provider.Grant({
          accountId: oidc.session!.accountId!,
          clientId: oidc.client!.clientId,
        });
        grant.addOIDCScope('openid profile');
        await grant.save();
        return grant;
      },
      features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      ttl: { Grant: 600, Interaction: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    });
  }

  async start(): Promise<void> {
    const answer = this.provider.callback();
    const server = createServer((request, response) => {
      const work = request.url?.startsWith('/interaction/')
        ? this.interact(request, response)
        : answer(request, response);
      work.catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    server.listen(this.options.port, 'localhost');
    await once(server, 'listening');
    this.server = server;
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  /** The page that asks for a login. */
  private async interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'POST') {
      const login = new URLSearchParams(await text(request)).get('login');
      const result = login
        ? { login: { accountId: login } }
        : { error: 'access_denied', error_description: 'The person cancelled it.' };
      await this.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
      return;
    }
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(
        '<!doctype html><title>Log in</title><form method="post"><input name="login"><button>Log in</button></form>',
      );
  }
}
