import type { DatasourceReply } from '@signalbox/contracts/messages';
import type { DatasourceEntry } from '@signalbox/contracts/streams';

type Direct = NonNullable<DatasourceEntry['direct']>;

/** What is left at a database that was deleted here. The publication is its owner's: it is never dropped by Signalbox. */
export function leftBehind(
  { slot, publication }: Pick<Direct, 'slot' | 'publication'>,
  { isReleased }: { readonly isReleased: boolean },
): NonNullable<DatasourceReply['left_behind']> {
  const dropPublication = `DROP PUBLICATION IF EXISTS ${quotedName(publication)};`;
  if (isReleased)
    return {
      reason: 'Nothing was left but the publication, which is yours: drop it where nothing else uses it.',
      remove_with: [dropPublication],
    };
  return {
    reason:
      'The replication slot could not be dropped yet, and the database keeps WAL for it. This is tried again for seven days; drop the slot yourself where the database cannot be reached from here. The publication is yours.',
    remove_with: [dropSlotStatement(slot), dropPublication],
  };
}

/** Does nothing where the slot does not exist. */
export const dropSlotStatement = (slot: string): string =>
  `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${slot.replaceAll("'", "''")}';`;

const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
