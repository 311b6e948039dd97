import { z } from 'zod';
import { role } from '../roles.js';

/** `GET /v1/session`: who sent the request. */
export const currentCaller = z.object({
  via: z.enum(['key', 'token', 'session']).describe('What the request was identified by'),
  id: z.string().describe('Id of the key or of the person; the audit log shows it'),
  name: z.string(),
  role,
  account: z.string().describe('Id of the account'),
  session: z
    .object({
      expires_at: z.iso.datetime().describe('When the session ends, however much it is used'),
      idle_expires_at: z.iso.datetime().describe('When it ends unless it is used before'),
      csrf_token: z.string().describe('To be sent as `X-CSRF-Token` with each request that is not GET or HEAD'),
    })
    .nullable()
    .describe('null where the request was not identified by a session'),
});
export type CurrentCaller = z.infer<typeof currentCaller>;

/** The session of a person as it is listed: never what the browser holds. */
export const session = z.object({
  id: z.string().describe('Identifies the session in this API; a browser is identified by something else'),
  person: z.string().describe('Id of the person, the same in each of their sessions'),
  name: z.string(),
  role,
  account: z.string().describe('Id of the account'),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  idle_expires_at: z.iso.datetime(),
});
export type Session = z.infer<typeof session>;

export const sessionList = z.object({ data: z.array(session) });

/** `POST /v1/session/sign-out`. */
export const signedOut = z.object({
  end_session_url: z
    .url()
    .nullable()
    .describe('Where a browser goes to sign out of the identity provider, too; null: it has no such page'),
});
export type SignedOut = z.infer<typeof signedOut>;
