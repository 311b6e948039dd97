import type { TargetRules } from '@signalbox/network-policy';
import type { Config } from '../config.js';

/** Where the registry may connect to when somebody else names the target. */
export const targetRulesOf = ({
  SIGNALBOX_ALLOW_LOOPBACK_TARGETS: allowLoopback,
  SIGNALBOX_ALLOW_PRIVATE_TARGETS: allowPrivate,
  SIGNALBOX_TARGET_PORTS: ports,
}: Config): TargetRules => ({
  allowLoopback,
  allowPrivate,
  ...(ports.length > 0 && { ports }),
});
