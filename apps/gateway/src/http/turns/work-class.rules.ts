/**
 * What a request does, as its route's policy says: `immediate` is answered at once from memory and never waits (liveness, readiness, public pages);
 * `read` and `write` take milliseconds; `long` waits for servers outside of the platform (connection tests, packages, reloads).
 */
export type WorkClass = 'immediate' | LimitedClass;

export type LimitedClass = 'read' | 'write' | 'long';

/** What a class may have in all, and one caller of it. */
export interface Share {
  readonly inAll: number;
  readonly perCaller: number;
}

export interface ClassLimits {
  readonly atOnce: Share;
  readonly waiting: Share;
}

/**
 * One caller never has all of a class, so that another one finds a place without waiting for the first. Each class has places of its own, so that
 * work of one class never waits for that of another.
 */
export const CLASS_LIMITS: Readonly<Record<LimitedClass, ClassLimits>> = {
  read: { atOnce: { inAll: 128, perCaller: 64 }, waiting: { inAll: 1_024, perCaller: 256 } },
  // More than the services' pools of database connections.
  write: { atOnce: { inAll: 64, perCaller: 32 }, waiting: { inAll: 2_048, perCaller: 1_024 } },
  // The registry handles as many of each caller and in all.
  long: { atOnce: { inAll: 32, perCaller: 16 }, waiting: { inAll: 64, perCaller: 16 } },
};

export const LIMITED_CLASSES = Object.keys(CLASS_LIMITS) as readonly LimitedClass[];
