import type { AuditCommand } from '@signalbox/contracts/messages';
import type { Amqp } from '@signalbox/messaging';
import { collectLogs, eventually, FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { AuditTrail } from './audit-trail.js';

const action = (resource: string) => ({ resource }) as AuditCommand;

/** An audit trail on a broker that confirms a message when the test does. */
function trail() {
  const sent: { resource: string; confirm: () => void; fail: () => void }[] = [];
  const publish = ({ body }: { body: unknown }): Promise<void> =>
    new Promise((resolve, reject) =>
      sent.push({
        resource: (body as AuditCommand).resource,
        confirm: resolve,
        fail: () => reject(new Error('the broker is unavailable')),
      }),
    );
  const clock = new FakeClock();
  const { logger, lines } = collectLogs();
  return { audit: new AuditTrail({ publisher: { publish } } as unknown as Amqp, clock, logger), sent, clock, lines };
}

describe('AuditTrail', () => {
  it('waits at its stop until what it is sending is confirmed, and sends the rest', async () => {
    const { audit, sent, lines } = trail();
    audit.add(action('first'));
    audit.add(action('second'));
    const stopped = audit.beforeApplicationShutdown();
    for (const count of [1, 2]) {
      await eventually(() => sent.length === count);
      sent[count - 1]?.confirm();
    }
    await stopped;
    expect(sent.map(({ resource }) => resource)).toEqual(['first', 'second']);
    expect(lines).toEqual([]);
  });

  it('logs at its stop each action that the broker does not confirm in time', async () => {
    const { audit, sent, clock, lines } = trail();
    audit.add(action('first'));
    audit.add(action('second'));
    const stopped = audit.beforeApplicationShutdown();
    clock.advance(60_000);
    await stopped;
    expect(sent).toHaveLength(1);
    expect(lines.map(({ action: lost }) => lost)).toEqual([action('first'), action('second')]);
  });

  it('sends again after a failure, and not after its stop', async () => {
    const { audit, sent, clock, lines } = trail();
    audit.add(action('first'));
    sent[0]?.fail();
    await eventually(() => {
      clock.advance(1_000);
      return sent.length === 2;
    });
    const stopped = audit.beforeApplicationShutdown();
    sent[1]?.fail();
    await stopped;
    clock.advance(60_000);
    expect(sent).toHaveLength(2);
    expect(lines).toHaveLength(1);
  });
});
