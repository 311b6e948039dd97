import type { ReadersSettings, ReaderState } from '@signalbox/contracts/streams';

/** What is known of a reader that says why it is in its state. */
export interface ReaderEvidence {
  readonly state: ReaderState;
  /** Since its last heartbeat. */
  readonly silentMs: number;
  /** Seconds between two heartbeats. */
  readonly interval: number;
  /** Undefined: not known. */
  readonly settings: ReadersSettings | undefined;
  /** Unix ms; null: it is not. */
  readonly flappingSince: number | null;
  /** Who declares it dead: `held` while no heartbeat can get through, `unknown` where reader-heartbeat does not answer. */
  readonly judgement: 'running' | 'held' | 'unknown';
}

/** Why a reader is in its state, in a sentence with what was seen. */
export function reasonOf(evidence: ReaderEvidence): string {
  const flapping = evidence.flappingSince === null ? '' : '; its state has changed too often lately (flapping)';
  return `${stateOf(evidence)}${flapping}.`;
}

function stateOf({ state, silentMs, interval, settings, judgement }: ReaderEvidence): string {
  const silent = duration(silentMs);
  const due = Math.floor(silentMs / 1_000 / interval);
  if (state === 'dead')
    return `No heartbeat for ${silent}; ${due.toLocaleString('en')} ${due === 1 ? 'was' : 'were'} due, one each ${interval} s`;
  const says = state === 'loading' ? ', and says that its model is not ready yet' : '';
  const last = `The last heartbeat came ${silent} ago${says}; one is due each ${interval} s`;
  if (due < 1) return last;
  if (judgement === 'unknown')
    return `${last}. Later ones may have come: reader-heartbeat, which receives them and declares readers dead, does not answer`;
  if (judgement === 'held') return `${last}. Silence does not count, because no heartbeat can get through at present`;
  if (settings === undefined) return last;
  if (settings.heartbeat_check_interval === 0) return `${last}. The deployment declares no reader dead`;
  return `${last}, and after ${settings.missed_beats} missed ones and ${settings.reader_message_timeout_ms} ms it is dead`;
}

/** In the largest unit of which there are two at least. */
function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
