import { createPrivateKey, createSign } from 'node:crypto';
import type { Connection } from '@signalbox/contracts/http';
import { guardedFetch } from '@signalbox/network-policy';
import type { Trial } from './trial.js';

/** Warehouses that need a cloud account. Without a driver each test goes only part of the way, and reports how far it got. */

type Of<Type extends Connection['type'], Member extends string> =
  Extract<Connection, { type: Type }> extends Record<Member, infer Settings> ? Settings : never;

const notTried = 'Whether it lets this account in was not tried.';

/** Checks that the key can sign, then that Google's host answers. */
export async function testBigquery(
  { serviceAccountKeyJson }: Of<'bigquery', 'bigqueryConnection'>,
  trial: Trial,
): Promise<void> {
  if (serviceAccountKeyJson !== undefined) {
    const { private_key: privateKey } = JSON.parse(serviceAccountKeyJson) as { private_key: string };
    requireSigning(
      privateKey,
      undefined,
      'The private_key of the service account cannot be read. Reached: the form of the key file.',
    );
  }
  await reach('https://bigquery.googleapis.com/', 'BigQuery', trial);
}

/** Checks that a key pair can sign, then that the account's host answers. */
export async function testSnowflake(
  { account = '', privateKey, privateKeyPass }: Of<'snowflake', 'snowflakeConnection'>,
  trial: Trial,
): Promise<void> {
  if (privateKey !== undefined)
    requireSigning(
      privateKey,
      privateKeyPass,
      'The privateKey cannot be read with this privateKeyPass. Reached: the form of the settings.',
    );
  if (!/^[A-Za-z0-9_.-]{1,200}$/.test(account))
    throw new Error('The account is no account identifier. Reached: the form of the settings.');
  await reach(`https://${account.replaceAll('_', '-')}.snowflakecomputing.com/`, 'Snowflake', trial);
}

export const testMotherduck = (trial: Trial): Promise<void> =>
  reach('https://api.motherduck.com/', 'MotherDuck', trial);

/** Checks that a host answers. Always throws, with how far the test got: that is not enough to call the connection ok. */
export async function reach(url: string, what: string, { rules, signal }: Trial): Promise<void> {
  try {
    await guardedFetch({ url: new URL(url), signal }, rules);
  } catch (error) {
    throw new Error(
      `${what} cannot be reached: ${error instanceof Error ? error.message : String(error)}. Reached: the form of the settings.`,
      { cause: error },
    );
  }
  throw new Error(`${what} answers. ${notTried}`);
}

function requireSigning(key: string, passphrase: string | undefined, message: string): void {
  try {
    // Environment variables hold a key in one line, with `\n` for its line breaks.
    const pem = key.includes('\n') ? key : key.replaceAll('\\n', '\n');
    createSign('sha256')
      .update('')
      .sign(createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) }));
  } catch {
    throw new Error(message);
  }
}
