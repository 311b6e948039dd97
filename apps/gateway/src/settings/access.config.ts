import { envDuration } from '@signalbox/platform';

/** The variable of access while the lines of a gateway are cut: a part of its configuration. */
export const accessEnv = {
  SIGNALBOX_ACCESS_STALE_LIMIT: envDuration({ min: '10s', max: '7d' })
    .default(15 * 60_000)
    .meta({
      description:
        'How long a gateway that receives nothing of its stream answers reads by the keys, tokens and sessions that it has in memory. Later it asks the database about each of them, and without the database it answers 503 `access_unverified`.',
      default_text: '15m',
    }),
};
