import type { ChangeBatch, FollowerHost } from '../../work/follower.js';
import { SourceProblem } from '../connect/source-problem.js';

/** @throws SourceProblem: the source is not what failed */
export async function publish(host: FollowerHost, batch: ChangeBatch): Promise<void> {
  try {
    await host.publish(batch);
  } catch (error) {
    host.logger.debug({ err: error }, 'changes could not be published');
    throw new SourceProblem('unreachable', 'publish_failed', {
      message: 'Changes could not be published.',
      fix: 'See that the broker and the database of Signalbox are running.',
    });
  }
}
