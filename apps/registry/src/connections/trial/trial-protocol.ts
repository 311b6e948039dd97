import type { Connection } from '@signalbox/contracts/http';
import type { ConnectionTestReply } from '@signalbox/contracts/messages';
import type { AllowedTargets } from '@signalbox/network-policy';

/** What the program of a connection test gets. */
export interface TrialJob {
  readonly connection: Connection;
  /** The server, for people. */
  readonly target: string;
  readonly targets: AllowedTargets;
  readonly withinMs: number;
}

/** How the programs of a connection test answer. The text may contain credentials. */
export type TrialAnswer = ConnectionTestReply;

/** Of the text. */
export const MAX_ERROR_CHARS = 4_000;
