import { z } from 'zod';
import { brokerUrlsOf } from './broker-urls.rules.js';
import { envSecret } from './env-variables.js';

/** A variable is text. These schemas parse the text; their errors describe the expected value. */
function envValue<Value>(expected: string, parse: (text: string) => Value | undefined) {
  const message = `expected ${expected}`;
  return z
    .string({ error: message })
    .transform((text, context) => {
      const value = parse(text.trim());
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', message, input: text });
      return z.NEVER;
    })
    .meta({ values: expected.replace(/^an? /, '') });
}

/** A whole number within bounds, both included. */
export function envInteger({ min, max }: { readonly min: number; readonly max: number }) {
  return envValue(`a whole number from ${min} to ${max}`, (text) => {
    const number = Number(text);
    return /^[+-]?\d+$/.test(text) && number >= min && number <= max ? number : undefined;
  });
}

const UNITS = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** A span of time as `30s`, `15m`, `2h` or `7d`, within bounds that are written so, too, both included. The value is milliseconds. */
export function envDuration({ min, max }: { readonly min: string; readonly max: string }) {
  const [least, most] = [millisecondsOf(min)!, millisecondsOf(max)!];
  return envValue(`a time from ${min} to ${max}, as 30s, 15m, 2h or 7d`, (text) => {
    const ms = millisecondsOf(text);
    return ms !== undefined && ms >= least && ms <= most ? ms : undefined;
  });
}

function millisecondsOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS.get(unit)!;
}

/** A TCP port; 0 means any free one. */
export function envPort() {
  return envInteger({ min: 0, max: 65_535 }).meta({ values: 'port; 0: any free one' });
}

/** TCP ports, separated by commas; without a value none is named. */
export function envPorts() {
  return z
    .string()
    .regex(/^(\d{1,5}(\s*,\s*\d{1,5})*)?$/, 'must be ports, separated by commas')
    .default('')
    .transform((text) =>
      text
        .split(',')
        .filter((port) => port !== '')
        .map(Number),
    )
    .meta({ values: 'ports, separated by commas' });
}

const SWITCHES = new Map([
  ...['true', '1', 'on', 'yes'].map((word) => [word, true] as const),
  ...['false', '0', 'off', 'no'].map((word) => [word, false] as const),
]);

/** A switch: true, 1, on, yes, or false, 0, off, no, in any case. */
export function envBoolean() {
  return envValue('true or false (1/0, on/off and yes/no work too)', (text) => SWITCHES.get(text.toLowerCase())).meta({
    values: 'true or false',
  });
}

/** A URL with a host and one of these protocols, each written as `https:`. The text is returned unchanged. */
export function envUrl(protocols: readonly string[]) {
  return envValue(`a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`, (text) => {
    if (!URL.canParse(text)) return undefined;
    const { protocol, hostname } = new URL(text);
    return protocols.includes(protocol) && hostname !== '' ? text : undefined;
  });
}

/** The URL of a broker, which may name several of its hosts: see `brokerUrlsOf`. The text is returned unchanged. */
export function envBrokerUrl() {
  return envValue(
    'a URL that starts with amqp:// or amqps://; it may name several hosts, separated by commas, with one user and one virtual host',
    (text) => (brokerUrlsOf(text) === undefined ? undefined : text),
  );
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** The variables of every service: spread them into the service's own `z.object`. */
export const serviceEnv = {
  DATABASE_URL: envSecret(envUrl(['postgres:', 'postgresql:'])).describe("Postgres, with the service's own role."),
  RABBITMQ_URL: envSecret(envBrokerUrl()).describe(
    "RabbitMQ, with the service's own user and the virtual host. Of a cluster, its nodes: `amqp://user:password@a:5672,b:5672/vhost`.",
  ),
  BROKER_SENDERS: z
    .enum(['checked', 'unchecked'], { error: 'expected checked or unchecked' })
    .default('checked')
    .describe(
      '`checked`: a message is believed only from the broker user that may send it; the broker has a user for each service, with its rights, and the exchanges. `unchecked`: all services share one user that may do everything, and a sender is not proven.',
    ),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(', ')}` })
    .default('info')
    .describe('The least severe level that is logged. Logs are JSON lines on standard output.'),
  SIGNALBOX_MANAGEMENT_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address of the management port: `/livez`, `/readyz`, `/metrics`. It asks for no key.'),
  SIGNALBOX_MANAGEMENT_PORT: envPort()
    .default(0)
    .describe('The management port. The log line `ready` has the port in use.'),
};

/** What `serviceEnv` yields. */
export type ServiceConfig = z.output<z.ZodObject<typeof serviceEnv>>;
