import type { ReaderProfile } from './reader.js';

/** Characters of a description for each place. That of most readers has a few hundred. */
const CHARACTERS = 2_048;
/** A number of 32 bits with its sign, and a comma. */
const PID_CHARACTERS = 12;

/**
 * How many places a reader needs: one, or more where its description is long. It is in the memory of every gateway and in their answers, so that
 * a limit of readers has to be one of their bytes, too.
 */
export function placesOf({ consumerName, consumerGroups, modelName, modelType, device, pids }: ReaderProfile): number {
  let characters = consumerName.length + modelName.length + modelType.length + device.length;
  for (const group of consumerGroups) characters += group.length;
  return Math.max(1, Math.ceil((characters + PID_CHARACTERS * pids.length) / CHARACTERS));
}
