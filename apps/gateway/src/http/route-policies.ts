import { Injectable } from '@nestjs/common';
import type { Role } from '@signalbox/contracts/http';
import type { ErrorShape } from './errors/error-shape.js';
import { problemShape } from './errors/problem.shape.js';

export type RequiredRole = Role | 'public';

/** The required role of the requests below a path prefix, and the shape of their errors. */
export interface RoutePolicy {
  readonly prefix: string;
  /** For GET and HEAD. */
  readonly read: RequiredRole;
  /** For all other methods; admin unless given. */
  readonly write?: RequiredRole;
  /** Problem details unless given. */
  readonly errors?: ErrorShape;
}

/** A path of no policy requires an admin, so that a route without a policy is never open by mistake. */
const UNLISTED: Required<RoutePolicy> = { prefix: '/', read: 'admin', write: 'admin', errors: problemShape };

/** The policies of all features. Each feature module adds its own. */
@Injectable()
export class RoutePolicies {
  /** The longest prefix first, so that the first match is the longest one. */
  private policies: readonly Required<RoutePolicy>[] = [];

  add(policies: readonly RoutePolicy[]): void {
    const complete = policies.map((policy) => ({ ...UNLISTED, ...policy }));
    this.policies = [...this.policies, ...complete].toSorted((a, b) => b.prefix.length - a.prefix.length);
  }

  /** The policy of a path without its query. A prefix matches whole path segments only. */
  of(path: string): Required<RoutePolicy> {
    return this.policies.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`)) ?? UNLISTED;
  }

  /** Whether a feature declared a policy for the path. */
  covers(path: string): boolean {
    return this.of(path) !== UNLISTED;
  }

  requiredRole(path: string, method: string): RequiredRole {
    const { read, write } = this.of(path);
    return method === 'GET' || method === 'HEAD' ? read : write;
  }
}
