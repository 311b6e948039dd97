import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { auditPage } from '@signalbox/contracts/http';
import { z } from 'zod';
import { documented, documentedErrors } from '../http/docs/documented.js';
import { DataplaneClient } from './dataplane-client.js';

const query = z.object({
  limit: z.coerce.number().pipe(z.int().min(1).max(1_000)).default(100).describe('Most entries of a page'),
  before: z.coerce
    .number()
    .pipe(z.int().min(1))
    .optional()
    .describe('Only entries with a smaller number: `next_before` of the page before'),
});

@ApiTags('dataplanes')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly client: DataplaneClient) {}

  @Get()
  @ApiOperation({
    operationId: 'listAuditEntries',
    summary: 'Show the audit log of dataplanes',
    description:
      'Role: admin. The caller, action, time, address, request id and result of each control action, the newest first. Entries are never changed.',
  })
  @ApiOkResponse(documented(auditPage, 'A page of the audit log.'))
  @documentedErrors(400, 401, 403, 503, 504)
  async list(@Query({ schema: query }) { limit, before }: z.output<typeof query>): Promise<z.output<typeof auditPage>> {
    const data = await this.client.audit({ limit, before: before ?? null });
    return { data, next_before: data.length < limit ? null : (data.at(-1)?.number ?? null) };
  }
}
