import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** The present position in a trace (W3C Trace Context). */
export interface Trace {
  /** 32 hex digits, the same for all work that one request causes. */
  readonly traceId: string;
  /** 16 hex digits: the part of the work that this process does. */
  readonly spanId: string;
  /** 2 hex digits, passed on unchanged. */
  readonly flags: string;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:$|-)/;
const NEW_TRACE_FLAGS = '00';

const current = new AsyncLocalStorage<Trace>();

/** Runs a function within the trace of a `traceparent` header, or within a new trace if the header is absent or invalid. */
export function runInTrace<Result>(traceparent: unknown, run: () => Result): Result {
  const parsed = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null;
  const traceId = parsed?.[1] ?? randomBytes(16).toString('hex');
  return current.run({ traceId, spanId: randomBytes(8).toString('hex'), flags: parsed?.[2] ?? NEW_TRACE_FLAGS }, run);
}

/** The trace of the running code. */
export function currentTrace(): Trace | undefined {
  return current.getStore();
}

/** The `traceparent` header for messages that are sent now; undefined outside a trace. */
export function currentTraceparent(): string | undefined {
  const trace = current.getStore();
  return trace && `00-${trace.traceId}-${trace.spanId}-${trace.flags}`;
}
