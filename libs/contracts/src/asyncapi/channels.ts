import { auditChannels } from './audit-channels.js';
import { changeChannels } from './change-channels.js';
import { dataplaneChannels } from './dataplane-channels.js';
import { deadLetterChannels } from './dead-letter-channels.js';
import type { ChannelContract } from './message-contract.js';
import { readerChannels } from './reader-channels.js';
import { requestChannels } from './request-channels.js';
import { stateChannels } from './state-channels.js';

/** Every channel on which processes speak with each other. */
export const channels: readonly ChannelContract[] = [
  ...readerChannels,
  ...dataplaneChannels,
  ...auditChannels,
  ...changeChannels,
  ...requestChannels,
  ...stateChannels,
  ...deadLetterChannels,
];
