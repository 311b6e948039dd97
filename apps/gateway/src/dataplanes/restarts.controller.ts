import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { listQuery, pageLimit, restartPage } from '@signalbox/contracts/http';
import { dataplaneName, restartId } from '@signalbox/contracts/messages';
import { RESTART_ENDS, restartEntry, restartState, type RestartEntry } from '@signalbox/contracts/streams';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { ApiError } from '../http/errors/api-error.js';
import { DataplaneView } from './dataplane.view.js';
import { LONGEST_WAIT_S, waitSeconds } from '../http/wait-seconds.js';
import { Waiter } from '../http/waiter.js';
import { DataplaneClient } from './dataplane-client.js';
import { requireSnapshot } from './dataplane-lookup.js';
import { CURSOR, pageOf, type RestartPage } from './restart-page.rules.js';

/** How long the answer waits until this process shows a restart that was just sent. */
const SHOWN_WITHIN_MS = 2_000;

const restartsQuery = listQuery({
  dataplane: dataplaneName.optional().describe('Only restarts of this dataplane'),
  state: restartState.optional().describe('Only restarts in this state'),
  open: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional()
    .describe('true: only restarts that have not ended; false: only those that have'),
  limit: pageLimit.describe('Most restarts of a page'),
  before: z
    .string()
    .regex(CURSOR, 'must be `next_before` of the page before')
    .optional()
    .describe('`next_before` of the page before'),
});

const query = z.object({
  wait: waitSeconds.describe(`Seconds to wait for its end before it is shown as it is, at most ${LONGEST_WAIT_S}`),
});

@ApiTags('dataplanes')
@Controller('v1/restarts')
export class RestartsController {
  constructor(
    private readonly view: DataplaneView,
    private readonly client: DataplaneClient,
    private readonly waiter: Waiter,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listRestarts',
    summary: 'List the restarts of all dataplanes',
    description:
      'Role: member. From memory, the latest request first: all restarts that have not ended, and the latest 200 that have. An older one is ' +
      'found by its id.',
  })
  @ApiOkResponse(documented(restartPage, 'A page of restarts.'))
  @documentedErrors(400, 401, 403, 429, 503)
  list(@Query({ schema: restartsQuery }) wanted: z.output<typeof restartsQuery>): RestartPage {
    requireSnapshot(this.view);
    return pageOf(this.view.restarts(), wanted);
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getRestart',
    summary: 'Follow a restart',
    description:
      'Role: member. `timeline` has each step that was seen, with its time; `healthy`, `expired` and `timed_out` are ends. ' +
      'Restarts that are no longer in memory are read from dataplane-control.',
  })
  @ApiOkResponse(documented(restartEntry, 'The restart.'))
  @documentedErrors(400, 401, 403, 404, 429, 503, 504)
  async show(
    @Param('id') id: string,
    @Query({ schema: query }) { wait }: z.output<typeof query>,
    @Req() request: FastifyRequest,
  ): Promise<RestartEntry> {
    const { view } = this;
    if (!restartId.safeParse(id).success) throw notFound(id);
    let kept: RestartEntry | undefined;
    if (!view.restart(id)) {
      kept = await this.client.showRestart(id);
      if (kept && RESTART_ENDS.has(kept.state)) return kept;
      // A restart that was just sent is not stored yet.
      await this.until(() => view.restart(id) !== undefined, { ms: Math.max(SHOWN_WITHIN_MS, wait * 1_000), request });
    }
    if (wait > 0)
      await this.until(() => RESTART_ENDS.has(view.restart(id)?.state ?? 'healthy'), { ms: wait * 1_000, request });
    const found = view.restart(id) ?? kept;
    if (!found) throw notFound(id);
    return found;
  }

  private until(isThere: () => boolean, { ms, request }: { ms: number; request: FastifyRequest }): Promise<void> {
    return this.waiter.asked(request, { ms, isThere, onChange: (listener) => this.view.onChange(listener) });
  }
}

const notFound = (id: string): ApiError =>
  new ApiError({
    status: 404,
    code: 'restart_not_found',
    detail: `There is no restart ${JSON.stringify(id).slice(1, -1)}.`,
  });
