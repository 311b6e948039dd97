import type { ServiceRole } from '../postgres/provision-postgres.js';
import type { Credentials } from './credentials.js';
import { SERVICES } from './names.js';

/** The database role and schema of each service, both named after it. */
export function signalboxRoles(credentials: Credentials): ServiceRole[] {
  return SERVICES.map((service) => {
    const name = service.replaceAll('-', '_');
    return { role: name, schema: name, password: credentials.databaseRoles[service] };
  });
}
