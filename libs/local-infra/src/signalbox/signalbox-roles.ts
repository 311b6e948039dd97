import type { ServiceRole } from '../postgres/provision-postgres.js';
import type { Credentials } from './credentials.js';
import { OWNER_ROLE, SERVICES, type ServiceName } from './names.js';

/** The services whose role owns nothing. */
const OWNED: ReadonlySet<ServiceName> = new Set<ServiceName>(['journal']);

/** The database role and schema of each service, both named after it, and who owns the schema. */
export function signalboxRoles(credentials: Credentials): ServiceRole[] {
  return SERVICES.map((service) => {
    const name = service.replaceAll('-', '_');
    const role = { role: name, schema: name, password: credentials.databaseRoles[service] };
    return OWNED.has(service) ? { ...role, owner: OWNER_ROLE } : role;
  });
}
