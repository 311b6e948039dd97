import type { Clock } from '@signalbox/platform';
import type { EndpointAssignment } from '../work/assignment.js';
import type { CheckResult } from '../work/follower.js';
import { EndpointFailure } from './endpoint-failure.js';
import { feedPosition } from './feed-position.rules.js';
import { requestPage } from './request-page.js';
import { newMessageId } from './signature.js';

/** Asks an endpoint for one event where the feed stands, and publishes nothing. @throws the signal's reason where it was aborted */
export async function checkEndpoint(
  { source, targets, fence, position }: EndpointAssignment,
  { clock }: { readonly clock: Clock },
  signal: AbortSignal,
): Promise<CheckResult> {
  const startedAt = clock.monotonic();
  const result = (rest: Omit<CheckResult, 'duration_ms' | 'advisories'>): CheckResult => ({
    ...rest,
    advisories: [],
    duration_ms: Math.round(clock.monotonic() - startedAt),
  });
  try {
    await requestPage({
      source,
      targets,
      clock,
      fence,
      messageId: newMessageId(),
      cursor: feedPosition.safeParse(position).data?.cursor ?? null,
      limit: 1,
      signal,
    });
    return result({ outcome: 'ready', credentialsRefused: false, failures: [] });
  } catch (error) {
    if (!(error instanceof EndpointFailure)) throw error;
    const { item, message, fix, isRefusal, code } = error;
    return result({
      outcome: isRefusal || DECIDES.has(code) ? 'refused' : 'unreachable',
      credentialsRefused: isRefusal,
      failures: [{ item, actual: message, fix }],
    });
  }
}

/** What does not pass by itself, though the network carried an answer or a policy forbids it. */
const DECIDES = new Set(['target_refused']);
