/**
 * Why changes were not published: `broker`: no broker that confirms; `store`: the position could not be stored; `not_held`: another process
 * may have taken the datasource over; `too_large`: a change is larger than a message may be.
 */
export type PublishRefusal = 'broker' | 'store' | 'not_held' | 'too_large';

const MEANING: Record<PublishRefusal, string> = {
  broker: 'RabbitMQ does not confirm the changes. They are published when it is available again.',
  store: 'The position in the source could not be stored. Check that the database of Signalbox is available.',
  not_held: 'Another process of datasource-sync takes this datasource over.',
  too_large:
    'A change is larger than 15 MiB, which RabbitMQ does not take. Leave the table or the column out of the publication.',
};

/** What `FollowerHost.publish` throws. Its message is for people and has no secret. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused';

  constructor(readonly code: PublishRefusal) {
    super(MEANING[code]);
  }
}

/** Of one change. RabbitMQ takes messages of 16 MiB. */
export const MAX_CHANGE_BYTES = 15 * 2 ** 20;
