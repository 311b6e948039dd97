import { z } from 'zod';
import { auditEntry } from '../messages/audit.js';
import { listQuery } from './list-query.js';
import { pageLimit } from './page-limit.js';

const filter = z.string().max(500).optional();
const time = z.iso.datetime({ offset: true }).optional();

/** The query of `GET /v1/audit`. */
export const auditQuery = listQuery({
  limit: pageLimit.describe('Most entries of a page'),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Only entries with a smaller number: `next_before` of the page before'),
  actor: filter.describe('Only entries of the caller with this id or name'),
  key: filter.describe('Only entries of the API key with this id'),
  action: filter.describe('Only entries with this action, for example `create-key`'),
  resource: filter.describe('Only entries of this resource, and of those in it: `shop` has `shop/orders`, too'),
  result: filter.describe('Only entries with this result, for example `refused`'),
  route: filter.describe(
    'Only refused requests of this route: its path as the entries show it, for example `/v1/keys/:id`',
  ),
  address: filter.describe('Only entries of requests from this address'),
  since: time.describe('Only entries of this time or later, RFC 3339'),
  until: time.describe('Only entries before this time, RFC 3339'),
});
export type AuditQuery = z.output<typeof auditQuery>;

export const auditPage = z.object({
  data: z.array(auditEntry),
  next_before: z.int().nullable().describe('`before` of the next page; null: there is none.'),
});
export type AuditPage = z.output<typeof auditPage>;
