import type { DroppedCredentials, RegistryReply } from '@signalbox/contracts/messages';

interface Dropped {
  readonly connection: string;
  readonly members: readonly string[];
}

/** The member of a reply that names dropped credentials; none where there are none. */
export function droppedOf(all: readonly Dropped[]): Pick<RegistryReply, 'credentials_dropped'> {
  const dropped: DroppedCredentials[] = all
    .filter(({ members }) => members.length > 0)
    .map(({ connection, members }) => ({ connection, members: [...members] }));
  return dropped.length === 0 ? {} : { credentials_dropped: dropped };
}
