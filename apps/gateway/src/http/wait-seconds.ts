import { z } from 'zod';

/** The longest wait that a client can ask for, seconds: proxies end requests that take longer. */
export const LONGEST_WAIT_S = 60;

const SECONDS = /^\d+(\.\d+)?s?$/;

/** The query parameter `wait`: seconds, as `30` or `30s`. The OpenAPI document says a number, since clients made from it send one. */
export const waitSeconds = z
  .preprocess(
    (value) => (typeof value === 'string' && SECONDS.test(value) ? Number.parseFloat(value) : value),
    z
      .number({ error: `must be a number of seconds, as 30 or 30s, at most ${LONGEST_WAIT_S}` })
      .min(0)
      .max(LONGEST_WAIT_S, `must be at most ${LONGEST_WAIT_S} seconds`),
  )
  .default(0);
