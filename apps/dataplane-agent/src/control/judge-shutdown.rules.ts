import type { ShutdownCommand } from '@signalbox/contracts/messages';
import { isSameIncarnation } from '@signalbox/platform';

/** What this incarnation of the agent knows when a shutdown command arrives. */
export interface Situation {
  readonly dataplane: string;
  readonly bootId: string;
  /** Unix ms. */
  readonly now: number;
  /** The restart that is being executed. */
  readonly executing: string | undefined;
}

/** `repeated`: it is being executed, and was delivered again because its acknowledgement got lost. */
export type Verdict =
  | { readonly kind: 'execute' }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'expired'; readonly reason: string };

/** Whether a shutdown command is meant for this incarnation of the agent, and still wanted. */
export function judgeShutdown(command: ShutdownCommand, { dataplane, bootId, now, executing }: Situation): Verdict {
  if (command.dataplane !== dataplane) return expired('it is for another dataplane');
  if (!isSameIncarnation(command.boot_id, bootId)) return expired('it is for another incarnation of the agent');
  if (executing === command.restart_id) return { kind: 'repeated' };
  if (executing !== undefined) return expired('another restart is in progress');
  if (now > command.expires_at) return expired('it arrived after it expired');
  return { kind: 'execute' };
}

function expired(reason: string): Verdict {
  return { kind: 'expired', reason };
}
