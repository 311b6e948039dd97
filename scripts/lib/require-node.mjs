// @ts-check
import { Failure } from './failure.mjs';

const oldest = [20, 19];

/** @throws {Failure} when this Node is too old for what is going to be installed */
export function requireNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new Failure(`Node ${version} is too old: Signalbox needs ${oldest.join('.')} or newer`, { wayOut: 'See https://nodejs.org/en/download' });
}
