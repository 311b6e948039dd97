import type { TargetRules } from '@signalbox/network-policy';
import type { Config } from '../config.js';

/** The targets that the registry may connect to where a client or a repository names them. */
export const targetRulesOf = ({
  SIGNALBOX_ALLOW_LOOPBACK_TARGETS: allowLoopback,
  SIGNALBOX_ALLOW_PRIVATE_TARGETS: allowPrivate,
  SIGNALBOX_TARGET_PORTS: ports,
}: Config): TargetRules => ({
  allowLoopback,
  allowPrivate,
  ...(ports.length > 0 && { ports }),
});
