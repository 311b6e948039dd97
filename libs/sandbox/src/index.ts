export { DEATH_REASONS, type Death, type DeathReason } from './death.rules.js';
export { JobDied, PoolBusy } from './jobs/job-errors.js';
export { JobPool, type Job, type JobPoolOptions } from './jobs/job-pool.js';
export type { JobProgram } from './jobs/job-process.js';
export type { Frame, FrameLimits } from './frames.js';
export { Sandbox, type SandboxListener, type SandboxOptions } from './sandbox.js';
export { SupervisedSandbox, type SupervisedListener, type SupervisedSandboxOptions } from './supervised-sandbox.js';
