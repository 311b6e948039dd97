import type { ChangeBatch, FollowerHost } from '../../work/follower.js';
import { PublishRefused } from '../../work/publish-refused.js';
import { SourceProblem } from '../connect/source-problem.js';

/** @throws SourceProblem: the source is not what failed, except where it has what cannot be published */
export async function publish(host: FollowerHost, batch: ChangeBatch): Promise<void> {
  try {
    await host.publish(batch);
  } catch (error) {
    if (!(error instanceof PublishRefused)) throw new SourceProblem('unreachable', 'publish_failed', FAILED);
    const { code, message } = error;
    if (code === 'too_large') throw new SourceProblem('blocked', 'change_too_large', { message, fix: TOO_LARGE });
    throw new SourceProblem('unreachable', 'publish_failed', { ...FAILED, message });
  }
}

const FAILED = {
  message: 'Changes could not be published.',
  fix: 'See that the broker and the database of Signalbox are running.',
};
const TOO_LARGE =
  'Take the table or the column out of the publication, then start over with POST /v1/datasources/{id}/resync.';
