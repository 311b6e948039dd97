import { createLogger, systemClock } from '@signalbox/platform';
import { connectToParent } from '@signalbox/sandbox/child';
import type { Assignment } from '../work/assignment.js';
import type { FromWorker, ToWorker } from './protocol.js';
import { Session } from './session.js';
import { sourceFor, type Sources } from './sources.js';

const CHECK_WITHIN_MS = 45_000;

/** Makes this process a worker: it follows the datasources that the process that started it assigns. */
export function runWorker(sources: Sources): void {
  const clock = systemClock;
  const logger = createLogger({ name: 'datasource-worker', level: 'info' });
  const sessions = new Map<number, Session>();
  const parent = connectToParent({
    onMessage: ({ message }) => handle(message as ToWorker),
    onStop: async () => {
      await Promise.all(Array.from(sessions.values(), (session) => session.end()));
    },
  });
  const send = (message: FromWorker, bytes?: Buffer): void => parent.send(message, bytes);

  async function end(session: number): Promise<void> {
    await sessions.get(session)?.end();
    sessions.delete(session);
    send({ type: 'ended', session });
  }

  async function check(number: number, assignment: Assignment): Promise<void> {
    try {
      const result = await sourceFor(sources, assignment).check(assignment, AbortSignal.timeout(CHECK_WITHIN_MS));
      send({
        type: 'checked',
        check: number,
        result: { ...result, failures: [...result.failures], advisories: [...result.advisories] },
      });
    } catch (err) {
      logger.error({ err, datasource: assignment.id }, 'a check did not come to its end');
      send({ type: 'check_failed', check: number });
    }
  }

  function handle(message: ToWorker): void {
    switch (message.type) {
      case 'begin': {
        const { session, assignment } = message;
        sessions.set(session, new Session({ session, assignment, sources, send, clock, logger }));
        return;
      }
      case 'end':
        return void end(message.session);
      case 'published':
        return sessions.get(message.session)?.published(message.batches);
      case 'refused':
        return sessions.get(message.session)?.refused(message.run, message.code);
      case 'check':
        return void check(message.check, message.assignment);
    }
  }
}
