import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { currentTrace, currentTraceparent, runInTrace } from './trace.js';

const ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${ID}-b7ad6b7169203331-01`;

describe('a trace', () => {
  it('continues with its own span, also across awaits', async () => {
    const sent = await runInTrace(PARENT, async () => {
      await wait(0);
      return currentTraceparent();
    });
    expect(sent).toMatch(new RegExp(`^00-${ID}-[0-9a-f]{16}-01$`));
    expect(sent).not.toBe(PARENT);
    expect(currentTraceparent()).toBeUndefined();
  });

  it('reads the beginning of a header of a later version', () => {
    expect(runInTrace(`cc-${ID}-b7ad6b7169203331-01-more`, currentTrace)?.traceId).toBe(ID);
  });

  it.each([
    undefined,
    7,
    '',
    `ff-${ID}-b7ad6b7169203331-01`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${ID}-${'0'.repeat(16)}-01`,
    `${PARENT}x`,
  ])('starts a new trace for the header %j', (header) => {
    const trace = runInTrace(header, currentTrace);
    expect(trace?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(trace?.traceId).not.toBe(ID);
  });
});
