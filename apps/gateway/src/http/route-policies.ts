import { Injectable } from '@nestjs/common';
import type { Area, Role, Scope } from '@signalbox/contracts/http';
import { isRead } from './changes.js';
import type { ErrorShape } from './errors/error-shape.js';
import { problemShape } from './errors/problem.shape.js';
import type { WorkClass } from './turns/work-class.rules.js';

export type RequiredRole = Role | 'public';

/**
 * The scope that a caller needs if it has any. `outside`: the path is in no area, and no scope covers it. `own`: callers manage
 * what is their own, which needs no scope.
 */
export type RequiredScope = Scope | 'outside' | 'own';

/** What a request requires of its caller. */
export interface Requirement {
  readonly role: RequiredRole;
  readonly scope: RequiredScope;
}

/** The required role and scope of the requests below a path prefix (of routes as they are registered, as `/v1/keys/:id`), and the shape of their errors. */
export interface RoutePolicy {
  readonly prefix: string;
  /** For GET and HEAD. */
  readonly read: RequiredRole;
  /** For all other methods; admin unless given. */
  readonly write?: RequiredRole;
  /** Other methods than GET change nothing here, and require the scope to read. */
  readonly changesNothing?: boolean;
  /** The part of the API that scopes name; `own`: what is the caller's own, which needs no scope. */
  readonly area?: Area | 'own';
  /** What other methods than GET and HEAD do; `write` unless given, `immediate` where they are public. */
  readonly work?: WorkClass;
  /** Problem details unless given. */
  readonly errors?: ErrorShape;
  /** All below the prefix is one parameter, which clients may send with slashes in it as they are. */
  readonly isOneParameter?: boolean;
}

/** A path of no policy requires an admin, so that a route without a policy is never open by mistake. */
const UNLISTED = complete({ prefix: '/', read: 'admin' });

/** A policy with what is required of reads and writes, made once: each request asks for it. */
interface CompletePolicy {
  readonly prefix: string;
  readonly reading: Requirement;
  readonly writing: Requirement;
  readonly work: { readonly read: WorkClass; readonly write: WorkClass };
  readonly errors: ErrorShape;
}

/** The policies of all features. Each feature module adds its own. */
@Injectable()
export class RoutePolicies {
  /** The longest prefix first, so that the first match is the longest one. */
  private policies: readonly CompletePolicy[] = [];
  /** Those below which all is one parameter. */
  readonly parameterPrefixes: string[] = [];

  add(policies: readonly RoutePolicy[]): void {
    for (const { prefix, isOneParameter } of policies) if (isOneParameter) this.parameterPrefixes.push(prefix);
    this.policies = [...this.policies, ...policies.map(complete)].toSorted((a, b) => b.prefix.length - a.prefix.length);
  }

  /** The policy of a path without its query. A prefix matches whole path segments only. */
  of(path: string): CompletePolicy {
    return this.policies.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`)) ?? UNLISTED;
  }

  /** Whether a feature declared a policy for the path. */
  covers(path: string): boolean {
    return this.of(path) !== UNLISTED;
  }

  requirementOf(path: string, method: string): Requirement {
    const { reading, writing } = this.of(path);
    return isRead(method) ? reading : writing;
  }

  /** @param isChange also of a read that changes something: a reload */
  workOf({ path, method, isChange }: { path: string; method: string; isChange: boolean }): WorkClass {
    const { work } = this.of(path);
    if (!isRead(method)) return work.write;
    return isChange && work.read !== 'immediate' ? 'long' : work.read;
  }
}

function complete({
  prefix,
  read,
  write = 'admin',
  changesNothing = false,
  area,
  work = 'write',
  errors = problemShape,
}: RoutePolicy): CompletePolicy {
  const scopeTo = (access: 'read' | 'write'): RequiredScope => {
    if (area === undefined) return 'outside';
    return area === 'own' ? 'own' : `${area}:${access}`;
  };
  return {
    prefix,
    reading: { role: read, scope: scopeTo('read') },
    writing: { role: write, scope: scopeTo(changesNothing ? 'read' : 'write') },
    work: { read: read === 'public' ? 'immediate' : 'read', write: write === 'public' ? 'immediate' : work },
    errors,
  };
}
