// @ts-check
import { Failure } from './failure.mjs';

const oldest = { major: 20, minor: 19 };

/** @throws {Failure} when this Node is too old for what is going to be installed */
export function requireNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return;
  throw new Failure(`Node ${version} is too old: Signalbox needs ${oldest.major}.${oldest.minor} or newer`, {
    wayOut: 'See https://nodejs.org/en/download',
  });
}
