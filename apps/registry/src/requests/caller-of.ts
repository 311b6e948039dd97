import type { RegistryRequest } from '@signalbox/contracts/messages';

/** Whose turn a request takes where requests wait: a key or a person, else an address. */
export const callerOf = ({ by }: Pick<RegistryRequest, 'by'>): string => by.key_id ?? by.address;
