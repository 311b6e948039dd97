import { serviceUsers, type ServiceUser } from './broker-users.js';

/** What the entries of a service are about; the gateway speaks for every caller. Actions are named `<verb>-<subject>`. */
const SUBJECTS: Partial<Record<ServiceUser, RegExp>> = {
  registry: /-(project|package|connection)$/,
  'datasource-sync': /-datasource(-key)?$/,
};

/**
 * Whether a user of the broker may add an entry with this action to the audit trail: a service that was taken over shall not report in
 * the name of a caller what another service does.
 * @param user as the broker has validated it; undefined where senders are not checked
 */
export function mayRecord(user: string | undefined, action: string): boolean {
  const service = serviceUsers.find((each) => user?.endsWith(each));
  const subject = service && SUBJECTS[service];
  return subject === undefined || subject.test(action);
}
