import type { Follower, FollowerHost } from '../work/follower.js';
import type { EndpointAssignment } from '../work/assignment.js';
import { EndpointFollower } from './endpoint-follower.js';

/** Polls an endpoint until it is stopped: never two requests at once. Another task than `follow` has nothing to do. */
export function followEndpoint(assignment: EndpointAssignment, host: FollowerHost): Follower {
  if (assignment.task === 'release') host.released(null);
  if (assignment.task !== 'follow') return { stop: () => Promise.resolve() };
  return new EndpointFollower(assignment, host);
}
