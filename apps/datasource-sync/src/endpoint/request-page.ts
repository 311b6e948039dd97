import { guardedFetch, type GuardedResponse, type TargetRules } from '@signalbox/network-policy';
import type { Clock } from '@signalbox/platform';
import type { EndpointSource } from '../work/assignment.js';
import { resolveName } from '../work/resolve-name.js';
import { connectionFailure, timedOut } from './connection-failure.js';
import { Deadline } from '../work/deadline.js';
import { EndpointFailure } from './endpoint-failure.js';
import { pageOf, type Page } from './page.rules.js';
import { responseFailure } from './response-failure.js';
import { signatureHeaders } from './signature.js';

const DEADLINE_MS = 10_000;
const MAX_BYTES = 1_048_576;

export interface PageRequest {
  readonly source: EndpointSource;
  readonly targets: TargetRules;
  readonly clock: Clock;
  /** An endpoint can refuse a request whose number is lower than one that it has seen: its sender was overtaken. */
  readonly fence: number;
  readonly messageId: string;
  readonly cursor: string | null;
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** Asks an endpoint for a page of events. @throws EndpointFailure; the signal's reason where it was aborted */
export async function requestPage(request: PageRequest): Promise<Page> {
  const { clock, signal } = request;
  const response = await send(request);
  signal.throwIfAborted();
  const { status, headers, body } = response;
  if (status < 200 || status > 299) throw responseFailure(response, clock.now());
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(headers['content-type'] ?? ''))
    throw notAPage({ code: 'wrong_content_type', problem: 'its content type is not application/json' });
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw notAPage({ code: 'encoded', problem: 'it is compressed, which was not asked for' });
  const page = pageOf(body.toString('utf8'));
  if ('problem' in page) throw notAPage(page);
  return page;
}

async function send({
  source,
  targets,
  clock,
  fence,
  messageId,
  cursor,
  limit,
  signal,
}: PageRequest): Promise<GuardedResponse> {
  const body = JSON.stringify({ type: 'events', ...(cursor !== null && { cursor }), limit });
  const deadline = new Deadline(signal, DEADLINE_MS);
  try {
    return await guardedFetch(
      {
        url: new URL(source.url),
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'accept-encoding': 'identity',
          'user-agent': 'signalbox',
          'content-length': String(Buffer.byteLength(body)),
          'x-signalbox-fence': String(fence),
          ...signatureHeaders({ id: messageId, at: clock.now(), body }, source.signingKeys),
        },
        body,
        signal: deadline.signal,
        maxBytes: MAX_BYTES,
      },
      { ...targets, resolve: resolveName },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.isOver) throw timedOut(DEADLINE_MS / 1_000);
    if (error instanceof Error && /more than \d+ bytes/.test(error.message))
      throw notAPage({ code: 'too_large', problem: `it has more than ${MAX_BYTES} bytes` });
    throw connectionFailure(error);
  } finally {
    deadline.end();
  }
}

const notAPage = ({ code, problem }: { readonly code: string; readonly problem: string }): EndpointFailure =>
  new EndpointFailure({
    code,
    message: `The endpoint's answer cannot be used: ${problem}.`,
    fix: 'It must answer JSON of the form {"events": […], "nextCursor": "…"} with at most 1,000 events and 1 MiB.',
    item: 'endpoint',
  });
