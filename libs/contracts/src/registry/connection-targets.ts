import type { JsonValue, Members } from '../json.js';
import { TARGET_MEMBERS } from './connection-members.js';
import { mapConfigs } from './map-configs.js';

/** Whether credentials that were given for one of these settings of the same kind may be used with the other. */
export const isSameTarget = (member: string, one: Members, other: Members): boolean =>
  targetOf(member, one).every((value, index) => value === targetOf(member, other)[index]);

/**
 * All targets of a connection as text: of two connections the same where the same servers and accounts get the same credentials.
 * @param shown the connection without credentials
 */
export function targetsOf(shown: Members): string {
  const targets: [place: string, target: (string | null)[]][] = [];
  mapConfigs(shown, (config, place) => {
    targets.push([place, targetOf(place.split('/').at(-1) ?? '', config)]);
    return config;
  });
  return JSON.stringify(targets);
}

const targetOf = (member: string, config: Members): (string | null)[] =>
  (TARGET_MEMBERS[member] ?? []).map((name) => textOf(config[name]));

/** A form sends a port as its digits. */
const textOf = (value: JsonValue | undefined): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value.trim() : JSON.stringify(value);
