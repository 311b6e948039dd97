import { nameProblem } from '@signalbox/contracts/http';
import { refused } from './refusal.js';

/** @throws RequestRefused: bad_name, where the value cannot name a resource */
export function nameOf(value: unknown, what: string): string {
  const problem = nameProblem(value, what);
  if (problem !== undefined) throw refused('bad_name', problem);
  return value as string;
}
