import { z } from 'zod';
import { askedBy, type AskedBy } from '../dataplane/asked-by.js';
import { jsonValue } from '../json.js';
import { exchanges } from './exchanges.js';
import { safeQueue, type QueueContract } from './queues.js';
import { answersTopology, mergeTopologies, retryTopology, type TopologyContract } from './topology.js';

/** An entry of the audit trail, without its number. */
export const auditCommand = askedBy.extend({
  /** Unix ms, by the clock of the service that did it. */
  at: z.int(),
  action: z.string(),
  /** What it was done to: an id, or a name with the names that it is in, for example `shop/orders`. */
  resource: z.string(),
  /** What became of it: `done` of a change that was committed. */
  result: z.string(),
  /** The template of the path, of a request that was refused: for example `/v1/keys/:id`. */
  route: z.string().nullable().default(null),
  /** Never a credential. */
  detail: z.record(z.string(), jsonValue),
});
export type AuditCommand = z.infer<typeof auditCommand>;

/** Numbers have no gap. */
export const auditEntry = auditCommand.extend({ number: z.int() });
export type AuditEntry = z.infer<typeof auditEntry>;

/** The `type` of each request to the journal. */
export const journalRequestTypes = { auditPage: 'journal.audit-page' } as const;

const wanted = z.string().nullable().default(null);

/** A page of the audit trail, the newest first. Null: any. */
export const auditRequest = z.object({
  before: z.int().nullable(),
  limit: z.int().min(1).max(1_000),
  /** Id or name of the caller. */
  actor: wanted,
  /** Id of the key. */
  key: wanted,
  action: wanted,
  /** The resource, or what it is in. */
  resource: wanted,
  result: wanted,
  route: wanted,
  address: wanted,
  /** Unix ms, inclusive. */
  since: z.int().nullable().default(null),
  /** Unix ms, exclusive. */
  until: z.int().nullable().default(null),
});
export type AuditRequest = z.infer<typeof auditRequest>;

export const auditReply = z.object({ entries: z.array(auditEntry) });

/** Control actions on dataplanes, as the audit trail names them. */
export const auditActions = {
  restart: 'restart-dataplane',
  run: 'run-operation',
  cancel: 'cancel-operation',
  delete: 'delete-dataplane',
} as const;

/** On `signalbox.audit`: an entry for the audit trail. An entry with the request and the action of another one is the same one. */
export const AUDIT_COMMAND = 'journal.record';

/** The outbox channel in which a service commits its entries together with what it changes. */
export const AUDIT_CHANNEL = 'audit';

const { arguments: safely, ...queue } = safeQueue('journal.audit');

/** Entries of all services, in the order in which each committed them; none may be lost. One process of the journal reads them. */
export const auditQueue: QueueContract = { ...queue, arguments: { ...safely, 'x-single-active-consumer': true } };

/** What the journal declares: it keeps the audit trail, and answers what is in it. */
export function journalTopology(): TopologyContract {
  return mergeTopologies(
    answersTopology('journal'),
    {
      exchanges: [exchanges.audit],
      queues: [],
      bindings: [{ exchange: exchanges.audit.name, queue: auditQueue.name, key: AUDIT_COMMAND }],
    },
    retryTopology(auditQueue),
  );
}

/** What a service declares that sends entries. */
export const auditedTopology = (): TopologyContract => ({ exchanges: [exchanges.audit], queues: [], bindings: [] });

export interface AuditedAction {
  readonly at: number;
  readonly action: string;
  readonly resource: string;
  /** Default: `done`. */
  readonly result?: string;
  readonly route?: string;
  readonly detail?: AuditCommand['detail'];
}

/** An entry, for example of a change, with which it is committed. */
export const auditOf = (
  by: AskedBy,
  { at, action, resource, result = 'done', route, detail = {} }: AuditedAction,
): AuditCommand => ({ ...by, at, action, resource, result, route: route ?? null, detail });
