import type { Assignment, DirectAssignment, EndpointAssignment } from '../work/assignment.js';
import type { CheckResult, Follower, FollowerHost } from '../work/follower.js';

export interface Source<A extends Assignment> {
  follow(assignment: A, host: FollowerHost): Follower;
  check(assignment: A, signal: AbortSignal): Promise<CheckResult>;
}

/** What a worker can do, by the kind of a datasource. */
export interface Sources {
  readonly direct?: Source<DirectAssignment>;
  readonly endpoint?: Source<EndpointAssignment>;
}

/** @throws Error where the worker is not made for this kind */
export function sourceFor({ direct, endpoint }: Sources, assignment: Assignment): Source<Assignment> {
  const source = assignment.connection === 'direct' ? direct : endpoint;
  if (source === undefined) throw new Error(`a worker cannot read a datasource of the kind ${assignment.connection}`);
  return source as Source<Assignment>;
}
