import type { ServiceRole } from '../postgres/provision-postgres.js';
import type { Credentials } from './credentials.js';
import { OWNER_ROLE, roleOf, SERVICES } from './names.js';

/** The database role and schema of each service, both named after it. All schemas have one owner, which no service logs in as. */
export function signalboxRoles(credentials: Pick<Credentials, 'databaseRoles'>): ServiceRole[] {
  return SERVICES.map((service) => ({
    role: roleOf(service),
    schema: roleOf(service),
    owner: OWNER_ROLE,
    password: credentials.databaseRoles[service],
  }));
}
