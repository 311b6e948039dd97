export { refusalOf, type AddressRules } from './address-rules.js';
export { guardedFetch, type GuardedRequest, type GuardedResponse } from './guarded-fetch.js';
export {
  checkTarget,
  guardedLookup,
  GuardedSocket,
  TargetRefused,
  type AllowedTargets,
  type Resolve,
  type TargetRules,
} from './guarded-socket.js';
export { resolveInThreads, type ResolveInThreadsOptions } from './resolve-in-threads.js';
export { resolveSparingly, type ResolveSparinglyOptions } from './resolve-sparingly.js';
export { allowedTargetsOf, type TargetVariables } from './target-variables.js';
