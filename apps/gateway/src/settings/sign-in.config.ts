import { envInteger, envSecret, envUrl } from '@signalbox/platform';
import { z } from 'zod';
import { parseGroupRoles } from './group-roles.rules.js';

const DAY_SECONDS = 86_400;

/** The variables of sign-in and sessions: a part of the gateway's configuration. */
export const signInEnv = {
  SIGNALBOX_PUBLIC_URL: envUrl(['https:', 'http:']).optional().meta({
    description:
      'Where browsers reach this API: `https://signalbox.example.com`. Required for sign-in. The identity provider must know `<this>/v1/session/callback` as a redirect URI.',
    values: 'https URL without a path; http only on loopback',
  }),
  SIGNALBOX_OIDC_ISSUER: envUrl(['https:', 'http:']).optional().meta({
    description: 'The issuer of the OpenID Connect provider that people sign in with. Without it people use API keys.',
    values: 'https URL; http only on loopback',
  }),
  SIGNALBOX_OIDC_CLIENT_ID: z.string().max(500).optional().describe('The id of this client at the provider.'),
  SIGNALBOX_OIDC_CLIENT_SECRET: envSecret(z.string().max(1_000))
    .optional()
    .describe('The secret of this client at the provider. The same for all gateways.'),
  SIGNALBOX_OIDC_CLIENT_AUTH: z
    .enum(['client_secret_basic', 'client_secret_post'])
    .default('client_secret_basic')
    .describe('How the secret is sent to the provider.'),
  SIGNALBOX_OIDC_SCOPES: z
    .string()
    .regex(/(^| )openid( |$)/, 'must contain openid')
    .default('openid profile email')
    .meta({
      description: 'The scopes that are requested. Some providers need one for groups.',
      values: 'separated by spaces, with openid',
    }),
  SIGNALBOX_OIDC_GROUPS_CLAIM: z
    .string()
    .max(200)
    .default('groups')
    .describe("The claim that has a person's groups, in the ID token or at the userinfo endpoint."),
  SIGNALBOX_OIDC_GROUPS: z
    .string()
    .transform((text, context) => {
      const { mapping, problem } = parseGroupRoles(text);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      return mapping;
    })
    .optional()
    .meta({
      description:
        'The groups whose members can sign in: `platform-admins=admin@operators; staff=member`. Of several groups the highest role counts. The account is `default` unless given.',
      values: '`group=role` or `group=role@account`, separated by semicolons',
    }),
  SIGNALBOX_SESSION_SECONDS: envInteger({ min: 60, max: 30 * DAY_SECONDS })
    .default(DAY_SECONDS / 2)
    .describe('Seconds after which a session ends, however much it is used.'),
  SIGNALBOX_SESSION_IDLE_SECONDS: envInteger({ min: 60, max: 30 * DAY_SECONDS })
    .default(3_600)
    .describe('Seconds without a request after which a session ends.'),
};

/** With an issuer. */
const REQUIRED = [
  'SIGNALBOX_PUBLIC_URL',
  'SIGNALBOX_OIDC_CLIENT_ID',
  'SIGNALBOX_OIDC_CLIENT_SECRET',
  'SIGNALBOX_OIDC_GROUPS',
] as const;

type SignInEnv = z.output<z.ZodObject<typeof signInEnv>>;

/** Reports variables that do not fit each other. */
export function checkSignIn(config: SignInEnv, context: z.RefinementCtx): void {
  const refuse = (variable: keyof SignInEnv, message: string): void =>
    context.addIssue({ code: 'custom', path: [variable], message });
  const { SIGNALBOX_PUBLIC_URL: publicUrl, SIGNALBOX_OIDC_ISSUER: issuer } = config;
  if (publicUrl !== undefined && !isSafe(publicUrl))
    refuse('SIGNALBOX_PUBLIC_URL', 'must be https; http only on loopback');
  if (publicUrl !== undefined && !isOrigin(publicUrl)) refuse('SIGNALBOX_PUBLIC_URL', 'must have no path and no query');
  if (issuer === undefined) return;
  if (!isSafe(issuer)) refuse('SIGNALBOX_OIDC_ISSUER', 'must be https; http only on loopback');
  for (const variable of REQUIRED)
    if (config[variable] === undefined) refuse(variable, 'required with SIGNALBOX_OIDC_ISSUER');
}

const isOrigin = (url: string): boolean => new URL(url).href === `${new URL(url).origin}/`;

function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
