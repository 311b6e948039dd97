/** Injection tokens that `nestService` provides everywhere: `@Inject(LOGGER) private readonly logger: Logger`. */

/** The service's own configuration, as its `config.ts` types it. */
export const CONFIG = Symbol('CONFIG');
/** `Logger` */
export const LOGGER = Symbol('LOGGER');
/** `Clock` */
export const CLOCK = Symbol('CLOCK');
/** `Health` */
export const HEALTH = Symbol('HEALTH');
/** `Metrics` */
export const METRICS = Symbol('METRICS');
/** `AbortSignal`: aborted when a stop of the process is requested, also during its start. */
export const SHUTDOWN = Symbol('SHUTDOWN');
