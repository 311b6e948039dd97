import { nameProblem, withoutBlanks } from '@signalbox/contracts/http';
import type { Members } from '@signalbox/contracts/streams';
import { refused } from './refusal.js';

/** @throws RequestRefused: bad_name, where the value cannot name a resource */
export function nameOf(value: unknown, what: string): string {
  const problem = nameProblem(value, what);
  if (problem !== undefined) throw refused('bad_name', problem);
  return value as string;
}

/** A body may repeat the name that is in the path, or have a blank one. @throws RequestRefused: bad_request, where it has another one */
export function refuseOtherName(body: Members, name: string): void {
  const { name: given = name } = withoutBlanks(body);
  if (given !== name) throw refused('bad_request', 'The name in the body is not the name in the path.');
}
