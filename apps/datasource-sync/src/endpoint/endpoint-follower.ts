import type { DatasourceError } from '@signalbox/contracts/streams';
import { describeError, wait } from '@signalbox/platform';
import type { EndpointAssignment } from '../work/assignment.js';
import type { Follower, FollowerHost } from '../work/follower.js';
import { EndpointFailure } from './endpoint-failure.js';
import { EndpointReport, type Round } from './endpoint-report.js';
import { changeOf } from './event-change.js';
import { feedPosition, positionAfter, START, unknownOf, type FeedPosition } from './feed-position.rules.js';
import type { Page } from './page.rules.js';
import { PollingPace } from './polling-pace.js';
import { requestPage } from './request-page.js';
import { newMessageId } from './signature.js';
import { RoundLog } from './round-log.js';

/** Events that are asked for; an endpoint may answer with more or fewer. */
const LIMIT = 500;
/** A feed that never ends waits for its next turn after so many pages. */
const PAGES_A_ROUND = 100;

/** Polls one endpoint. A round asks for pages until the feed has no more; then it waits. */
export class EndpointFollower implements Follower {
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private readonly report: EndpointReport;
  private readonly pace: PollingPace;
  private readonly log: RoundLog;
  private position: FeedPosition;
  /** Of the request that is to be sent next. One that failed is sent again with the same id. */
  private messageId = newMessageId();

  constructor(
    private readonly assignment: EndpointAssignment,
    private readonly host: FollowerHost,
  ) {
    this.position = feedPosition.safeParse(assignment.position).data ?? START;
    this.report = new EndpointReport(host, this.position);
    this.pace = new PollingPace(assignment.pollIntervalMs);
    this.log = new RoundLog(host);
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the follower was stopped'));
    await this.running;
  }

  private async run(): Promise<void> {
    const { clock } = this.host;
    const { signal } = this.stopping;
    await wait({ clock, ms: this.pace.firstMs(this.position.cursor !== null), signal });
    while (!signal.aborted) {
      const ms = await this.round();
      await wait({ clock, ms, signal });
    }
  }

  /** Returns how long to wait before the next round, ms. Never rejects. */
  private async round(): Promise<number> {
    const startedAt = this.host.clock.monotonic();
    try {
      const round = await this.drain();
      this.report.succeeded(round);
      this.log.succeeded({ startedAt, published: round.published });
      return this.pace.afterSuccess();
    } catch (error) {
      if (this.stopping.signal.aborted) return 0;
      const failure = failureOf(error);
      if (!(error instanceof EndpointFailure))
        this.host.logger.warn(
          { reason: describeError(error) },
          'events of an endpoint were not published, polling again',
        );
      const ms = this.pace.afterFailure(error instanceof EndpointFailure ? error.retryAfterMs : undefined);
      this.report.failed({ error: failure, nextAttemptAt: this.host.clock.now() + ms });
      this.log.failed({ startedAt, error: failure, isRefusal: error instanceof EndpointFailure && error.isRefusal });
      return ms;
    }
  }

  /** Asks for pages and publishes them until there is none. @throws EndpointFailure; any other error of the publishing */
  private async drain(): Promise<Round> {
    let [published, read] = [0, 0];
    for (let pages = 0; pages < PAGES_A_ROUND; pages++) {
      const { cursor } = this.position;
      const page = await this.page();
      published += await this.publish(page);
      read += page.events.length;
      // A page that leads to itself would be asked for at once, for ever.
      const goesOn = page.events.length > 0 && page.nextCursor !== undefined && page.nextCursor !== cursor;
      if (!goesOn) return { published, read, isDrained: page.events.length === 0 || page.nextCursor === undefined };
      // Others of this process get their turn also where every page is here at once.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { published, read, isDrained: false };
  }

  private async page(): Promise<Page> {
    const { assignment, host } = this;
    this.report.requested();
    const page = await requestPage({
      source: assignment.source,
      targets: assignment.targets,
      clock: host.clock,
      fence: assignment.fence,
      messageId: this.messageId,
      cursor: this.position.cursor,
      limit: LIMIT,
      signal: this.stopping.signal,
    });
    this.messageId = newMessageId();
    return page;
  }

  /** Publishes what of a page is new; the cursor goes on when the broker has confirmed it. Returns how many events that were. */
  private async publish(page: Page): Promise<number> {
    const events = unknownOf(page.events, this.position);
    const position = positionAfter(this.position, page);
    if (events.length === 0 && position.cursor === this.position.cursor) return 0;
    this.report.received(events.length);
    const changes = events.map((event) => changeOf(this.assignment.id, event));
    await this.host.publish({ changes, position });
    this.position = position;
    this.report.published(position);
    return events.length;
  }
}

const failureOf = (error: unknown): DatasourceError =>
  error instanceof EndpointFailure
    ? error.shown
    : {
        code: 'not_published',
        message: 'The events could not be published: the message broker or the database did not take them.',
      };
