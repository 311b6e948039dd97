import type { AuditCommand } from '@signalbox/contracts/messages';
import type { Database, StreamTransaction } from '@signalbox/persistence';
import { collectLogs, eventually, FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { AuditTrail } from './audit-trail.js';

const entry = (resource: string) => ({ resource }) as AuditCommand;

interface Stored {
  readonly resources: string[];
  readonly commit: () => void;
  readonly fail: () => void;
}

/** An audit trail on a database that commits when the test does. */
function trail() {
  const stored: Stored[] = [];
  const streamTransaction = (async (_stream: string, work: (transaction: StreamTransaction) => Promise<void>) => {
    const resources: string[] = [];
    const send = (_channel: string, { resource }: AuditCommand): void => void resources.push(resource);
    await work({ send } as unknown as StreamTransaction);
    await new Promise<void>((resolve, reject) =>
      stored.push({ resources, commit: resolve, fail: () => reject(new Error('the database is unavailable')) }),
    );
  }) as unknown as Database['streamTransaction'];
  const clock = new FakeClock();
  const { logger, lines } = collectLogs();
  return { audit: new AuditTrail({ streamTransaction }, clock, logger), stored, clock, lines };
}

describe('AuditTrail', () => {
  it('waits at its stop until what it is storing is committed, and stores the rest together', async () => {
    const { audit, stored, lines } = trail();
    for (const resource of ['first', 'second', 'third']) audit.add(entry(resource));
    const stopped = audit.beforeApplicationShutdown();
    for (const count of [1, 2]) {
      await eventually(() => stored.length === count);
      stored[count - 1]?.commit();
    }
    await stopped;
    expect(stored.map(({ resources }) => resources)).toEqual([['first'], ['second', 'third']]);
    expect(lines).toEqual([]);
  });

  it('logs at its stop each entry that is not committed in time', async () => {
    const { audit, stored, clock, lines } = trail();
    audit.add(entry('first'));
    audit.add(entry('second'));
    const stopped = audit.beforeApplicationShutdown();
    clock.advance(60_000);
    await stopped;
    expect(stored).toHaveLength(1);
    expect(lines.map(({ entry: lost }) => lost)).toEqual([entry('first'), entry('second')]);
  });

  it('stores again after a failure, and not after its stop', async () => {
    const { audit, stored, clock, lines } = trail();
    audit.add(entry('first'));
    await eventually(() => stored.length === 1);
    stored[0]?.fail();
    await eventually(() => {
      clock.advance(1_000);
      return stored.length === 2;
    });
    const stopped = audit.beforeApplicationShutdown();
    stored[1]?.fail();
    await stopped;
    clock.advance(60_000);
    expect(stored).toHaveLength(2);
    expect(lines).toHaveLength(1);
  });
});
