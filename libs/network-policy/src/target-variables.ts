import type { AllowedTargets } from './guarded-socket.js';

/** The variables of a service that connects where its callers say. */
export interface TargetVariables {
  readonly SIGNALBOX_ALLOW_LOOPBACK_TARGETS: boolean;
  readonly SIGNALBOX_ALLOW_PRIVATE_TARGETS: boolean;
  /** Empty: every port. */
  readonly SIGNALBOX_TARGET_PORTS: readonly number[];
}

/** The targets that a deployment allows. */
export const allowedTargetsOf = ({
  SIGNALBOX_ALLOW_LOOPBACK_TARGETS: allowLoopback,
  SIGNALBOX_ALLOW_PRIVATE_TARGETS: allowPrivate,
  SIGNALBOX_TARGET_PORTS: ports,
}: TargetVariables): AllowedTargets => ({ allowLoopback, allowPrivate, ...(ports.length > 0 && { ports }) });
