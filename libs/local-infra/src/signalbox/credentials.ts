import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LocalInfraError } from '../local-infra.error.js';
import { AMQP_USERS, SERVICES, type AmqpUserName, type ServiceName } from './names.js';

export interface Credentials {
  postgresSuperuser: string;
  databaseRoles: Record<ServiceName, string>;
  amqpUsers: Record<AmqpUserName, string>;
}

/** Reads the file, or creates it with random passwords. Adds missing passwords. Its mode is always 0600. */
export async function loadOrCreateCredentials(file: string): Promise<Credentials> {
  const known = await readKnown(file);
  const credentials: Credentials = {
    postgresSuperuser: known.postgresSuperuser ?? newPassword(),
    databaseRoles: fill(SERVICES, known.databaseRoles),
    amqpUsers: fill(AMQP_USERS, known.amqpUsers),
  };
  await mkdir(path.dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}.new`;
  await writeFile(fresh, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600 });
  await chmod(fresh, 0o600);
  await rename(fresh, file); // atomic: with half a file nothing could log in to the database
  return credentials;
}

async function readKnown(file: string): Promise<Partial<Credentials>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text) as Partial<Credentials>;
  } catch {
    // The parser's message quotes the text, which may contain passwords: it is not passed on.
    throw new LocalInfraError(
      'unusable-home',
      `${file} is not valid JSON. Restore it, or remove it together with the folder of Postgres beside it.`,
    );
  }
}

function fill<Name extends string>(
  names: readonly Name[],
  known: Partial<Record<Name, string>> = {},
): Record<Name, string> {
  return Object.fromEntries(names.map((name) => [name, known[name] ?? newPassword()])) as Record<Name, string>;
}

/** 192 random bits in characters that need no escaping in a URL. */
function newPassword(): string {
  return randomBytes(24).toString('base64url');
}
