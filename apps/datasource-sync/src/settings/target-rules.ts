import type { Config } from '../config.js';
import type { AllowedTargets } from '../work/assignment.js';

/** The targets that may be connected to where a caller names them. */
export const allowedTargetsOf = ({
  SIGNALBOX_ALLOW_LOOPBACK_TARGETS: allowLoopback,
  SIGNALBOX_ALLOW_PRIVATE_TARGETS: allowPrivate,
  SIGNALBOX_TARGET_PORTS: ports,
}: Config): AllowedTargets => ({ allowLoopback, allowPrivate, ...(ports.length > 0 && { ports }) });
