import { ConfigError } from '@signalbox/platform';
import { describe, expect, it } from 'vitest';
import { readConfig, type Config } from '../config.js';

const complete = {
  DATABASE_URL: 'postgres://db/signalbox',
  RABBITMQ_URL: 'amqp://broker',
  SIGNALBOX_PUBLIC_URL: 'https://signalbox.example.com',
  SIGNALBOX_OIDC_ISSUER: 'https://id.example.com/realm',
  SIGNALBOX_OIDC_CLIENT_ID: 'signalbox',
  SIGNALBOX_OIDC_CLIENT_SECRET: 'hunter2',
  SIGNALBOX_OIDC_GROUPS: 'staff=member',
};

function problemsOf(over: Record<string, string>): string {
  try {
    readConfig({ ...complete, ...over });
    return '';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
}

describe('the configuration of sign-in', () => {
  it('may be left out, and may be on loopback without TLS', () => {
    const { DATABASE_URL, RABBITMQ_URL } = complete;
    const config: Config = readConfig({ DATABASE_URL, RABBITMQ_URL });
    expect(config.SIGNALBOX_OIDC_ISSUER).toBeUndefined();
    for (const host of ['localhost:8080', '127.0.0.1:8080', '[::1]'])
      expect(problemsOf({ SIGNALBOX_PUBLIC_URL: `http://${host}/`, SIGNALBOX_OIDC_ISSUER: `http://${host}` })).toBe('');
  });

  it.each([
    [{ SIGNALBOX_PUBLIC_URL: '' }, 'SIGNALBOX_PUBLIC_URL: is not set; required with SIGNALBOX_OIDC_ISSUER'],
    [{ SIGNALBOX_PUBLIC_URL: 'http://signalbox.example.com' }, 'must be https; http only on loopback'],
    [{ SIGNALBOX_PUBLIC_URL: 'http://127.example.com' }, 'must be https; http only on loopback'],
    [{ SIGNALBOX_PUBLIC_URL: 'https://example.com/signalbox' }, 'must have no path and no query'],
    [
      { SIGNALBOX_OIDC_ISSUER: 'http://id.example.com' },
      'SIGNALBOX_OIDC_ISSUER: got "http://id.example.com"; must be https',
    ],
    [{ SIGNALBOX_OIDC_CLIENT_ID: '' }, 'SIGNALBOX_OIDC_CLIENT_ID: is not set'],
    [{ SIGNALBOX_OIDC_CLIENT_SECRET: '' }, 'SIGNALBOX_OIDC_CLIENT_SECRET: is not set; required with'],
    [{ SIGNALBOX_OIDC_CLIENT_SECRET_FILE: '/x' }, 'SIGNALBOX_OIDC_CLIENT_SECRET is set too'],
    [{ SIGNALBOX_OIDC_GROUPS: '' }, 'SIGNALBOX_OIDC_GROUPS: is not set'],
    [{ SIGNALBOX_OIDC_GROUPS: 'staff=boss' }, 'entry 1 (staff=boss) has the role boss, which is none of member'],
    [{ SIGNALBOX_OIDC_SCOPES: 'profile' }, 'must contain openid'],
    [{ SIGNALBOX_SESSION_SECONDS: '5' }, 'a whole number from 60'],
  ])('is refused with what is wrong: %j', (over, problem) => {
    expect(problemsOf(over)).toContain(problem);
    expect(problemsOf(over)).not.toContain('hunter2');
  });
});
