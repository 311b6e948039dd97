import { isMembers, type JsonValue, type Members } from '@signalbox/contracts/streams';
import { invalid } from '../requests/refusal.js';

const MAX_README = 64 * 1_024;
const MAX_CONNECTIONS = 1_000;
const MAX_PACKAGES = 1_000;

/** The wanted members of a project besides its name; absent ones stay unchanged. */
export interface WantedProject {
  readonly readme?: string;
  readonly connections?: JsonValue[];
  readonly packages?: Members[];
}

/** Validates the body of a project. Its `resource` and `location` are set by the registry and ignored here. @throws RequestRefused: invalid_value */
export function wantedProject({ readme, connections, packages }: Members): WantedProject {
  const problems = [];
  if (readme !== undefined && (typeof readme !== 'string' || readme.length > MAX_README)) {
    problems.push({ path: 'readme', message: `must be text of at most ${MAX_README} characters` });
  }
  if (connections !== undefined && !(Array.isArray(connections) && connections.length <= MAX_CONNECTIONS)) {
    problems.push({ path: 'connections', message: `must be an array of at most ${MAX_CONNECTIONS}` });
  }
  const isList = Array.isArray(packages) && packages.length <= MAX_PACKAGES && packages.every(isMembers);
  if (packages !== undefined && !isList)
    problems.push({ path: 'packages', message: `must be an array of at most ${MAX_PACKAGES} objects` });
  if (problems.length > 0) throw invalid(problems);
  return {
    ...(typeof readme === 'string' && { readme: readme.replaceAll('\0', '') }),
    ...(Array.isArray(connections) && { connections }),
    ...(isList && { packages }),
  };
}
