import { z } from 'zod';
import { askedBy, type AskedBy } from '../dataplane/asked-by.js';
import { jsonValue } from '../json.js';
import { exchanges } from './exchanges.js';
import { commandsQueue, type QueueContract } from './queues.js';
import { mergeTopologies, retryTopology, type TopologyContract } from './topology.js';

/** An entry of the audit trail, without its number. */
export const auditCommand = askedBy.extend({
  /** Unix ms, by the clock of the service that did it. */
  at: z.int(),
  action: z.string(),
  /** What it was done to: an id, or a name with the names that it is in, for example `shop/orders`. */
  resource: z.string(),
  /** What became of it: `done` of a change that was committed. */
  result: z.string(),
  /** Never a credential. */
  detail: z.record(z.string(), jsonValue),
});
export type AuditCommand = z.infer<typeof auditCommand>;

/** Numbers have no gap. */
export const auditEntry = auditCommand.extend({ number: z.int() });
export type AuditEntry = z.infer<typeof auditEntry>;

/** A page of the audit trail, the newest first. The previous release sends no filters. */
export const auditRequest = z.object({
  before: z.int().nullable(),
  limit: z.int().min(1).max(1_000),
  /** Id or name of the caller. */
  actor: z.string().nullable().default(null),
  action: z.string().nullable().default(null),
  /** The resource, or what it is in. */
  resource: z.string().nullable().default(null),
  /** Unix ms, inclusive. */
  since: z.int().nullable().default(null),
  /** Unix ms, exclusive. */
  until: z.int().nullable().default(null),
});
export type AuditRequest = z.infer<typeof auditRequest>;

export const auditReply = z.object({ entries: z.array(auditEntry) });

/** Control actions on dataplanes, as the audit trail names them. */
export const auditActions = { restart: 'restart-dataplane', run: 'run-operation', cancel: 'cancel-operation' } as const;

/** On `signalbox.audit`: an entry for the audit trail. An entry with the request and the action of another one is the same one. */
export const AUDIT_COMMAND = 'dataplane-control.record';

/** The outbox channel in which a service commits its entries together with what it changes. */
export const AUDIT_CHANNEL = 'audit';

/** Entries of all services, in the order in which each committed them; none may be lost. */
export const auditQueue: QueueContract = { ...commandsQueue('dataplane-control'), name: 'dataplane-control.audit' };

/** What the keeper of the audit trail declares. */
export function auditTopology(): TopologyContract {
  return mergeTopologies(
    {
      exchanges: [exchanges.audit],
      queues: [auditQueue],
      bindings: [{ exchange: exchanges.audit.name, queue: auditQueue.name, key: AUDIT_COMMAND }],
    },
    retryTopology(auditQueue),
  );
}

/** What a service declares that sends entries. */
export const auditedTopology = (): TopologyContract => ({ exchanges: [exchanges.audit], queues: [], bindings: [] });

interface Done {
  readonly at: number;
  readonly action: string;
  readonly resource: string;
  readonly detail?: AuditCommand['detail'];
}

/** The entry of a change that is committed with it. */
export const auditOfChange = (by: AskedBy, { at, action, resource, detail = {} }: Done): AuditCommand => ({
  ...by,
  at,
  action,
  resource,
  result: 'done',
  detail,
});
