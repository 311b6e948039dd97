import { brokerRights, type UserRights } from './broker-rights.js';
import { brokerUsers, type BrokerUser } from './broker-users.js';

/** One line of the table of rights: a user, what it may do, and with what, as templates of `patternOf`. */
export interface RightsRow {
  readonly user: BrokerUser;
  readonly right: 'publish' | 'bind' | 'own' | 'consume';
  /** Undefined for queues. */
  readonly exchange: string | undefined;
  /** Routing keys, keys of bindings, or names of queues. */
  readonly names: readonly string[];
}

/** The whole table, a row for each user, right and exchange. */
export const rightsRows = (): RightsRow[] => brokerUsers.flatMap((user) => rowsOf(user, brokerRights[user]));

function rowsOf(user: BrokerUser, { publishes, binds, owns, consumes }: UserRights): RightsRow[] {
  const rows: RightsRow[] = [
    ...publishes.map(({ exchange, keys }): RightsRow => ({ user, right: 'publish', exchange, names: keys })),
    ...binds.map(({ exchange, keys }): RightsRow => ({ user, right: 'bind', exchange, names: keys })),
    { user, right: 'own', exchange: undefined, names: owns },
    { user, right: 'consume', exchange: undefined, names: consumes },
  ];
  const merged = new Map<string, RightsRow>();
  for (const row of rows.filter(({ names }) => names.length > 0)) {
    const place = `${row.right} ${row.exchange}`;
    merged.set(place, { ...row, names: [...(merged.get(place)?.names ?? []), ...row.names] });
  }
  return [...merged.values()];
}
