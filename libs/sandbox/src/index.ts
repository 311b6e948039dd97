export { DEATH_REASONS, type Death, type DeathReason } from './death.rules.js';
export type { Frame, FrameLimits } from './frames.js';
export { Sandbox, type SandboxListener, type SandboxOptions } from './sandbox.js';
export { SupervisedSandbox, type SupervisedListener, type SupervisedSandboxOptions } from './supervised-sandbox.js';
