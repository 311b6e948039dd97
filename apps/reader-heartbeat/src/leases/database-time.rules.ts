import type { Watermark } from '../heartbeat-path/watermark.rules.js';

/** The clock of the database (Unix ms) when it was asked, which was between two moments of the monotonic clock of this process. */
export interface DatabaseTime {
  readonly unix: number;
  readonly asked: number;
  readonly answered: number;
}

/** By the clock of the database: begins rather too late, and ends rather too early. */
export const toDatabase = ({ since, through }: Watermark, { unix, asked, answered }: DatabaseTime): Watermark => ({
  since: unix + since - asked,
  through: unix + through - answered,
});

/** By the monotonic clock of this process: begins rather too late, and ends rather too early. */
export const fromDatabase = ({ since, through }: Watermark, { unix, asked, answered }: DatabaseTime): Watermark => ({
  since: since - unix + answered,
  through: through - unix + asked,
});
