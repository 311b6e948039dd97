import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { auditRequest } from '@signalbox/contracts/messages';
import { auditPage, auditQuery, type AuditPage, type AuditQuery } from '@signalbox/contracts/http';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { AuditClient } from './audit-client.js';

@ApiTags('audit')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly client: AuditClient) {}

  @Get()
  @ApiOperation({
    operationId: 'listAuditEntries',
    summary: 'Show the audit trail',
    description:
      'Role: admin. What was done and what was refused: changes of keys, tokens, sessions, accounts, tiers, notices, projects, connections, packages and datasources, tests of connections, ' +
      'control actions on dataplanes, and requests that were refused with 401, 403 or 429, counted for each caller, route and minute. ' +
      'The newest first. Entries are never changed. Times are Unix ms, as in all of it.',
  })
  @ApiOkResponse(documented(auditPage, 'A page of the audit trail.'))
  @documentedErrors(400, 401, 403, 429, 503, 504)
  async list(@Query({ schema: auditQuery }) query: AuditQuery): Promise<AuditPage> {
    const { limit, before = null, since, until } = query;
    const data = await this.client.page(
      auditRequest.parse({ ...query, before, since: msOf(since), until: msOf(until) }),
    );
    return { data, next_before: data.length < limit ? null : (data.at(-1)?.number ?? null) };
  }
}

const msOf = (time: string | undefined): number | null => (time === undefined ? null : Date.parse(time));
