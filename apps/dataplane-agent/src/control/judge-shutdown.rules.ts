import type { ShutdownCommand } from '@signalbox/contracts/messages';

/** What this life of the agent knows when a shutdown comes. */
export interface Situation {
  readonly dataplane: string;
  readonly bootId: string;
  /** Unix ms. */
  readonly now: number;
  /** The restart that is obeyed already. */
  readonly obeying: string | undefined;
}

/** `repeated`: it is obeyed already, and came again because its acknowledgement got lost. */
export type Verdict =
  | { readonly kind: 'obey' }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'expired'; readonly reason: string };

/** Whether a shutdown is for this life of the agent, and for now. */
export function judgeShutdown(command: ShutdownCommand, { dataplane, bootId, now, obeying }: Situation): Verdict {
  if (command.dataplane !== dataplane) return expired('it is for another dataplane');
  if (command.boot_id !== bootId) return expired('it is for another life of the agent');
  if (obeying === command.restart_id) return { kind: 'repeated' };
  if (obeying !== undefined) return expired('another restart is under way');
  if (now > command.expires_at) return expired('it came too late');
  return { kind: 'obey' };
}

function expired(reason: string): Verdict {
  return { kind: 'expired', reason };
}
