import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** Where in a trace this process is at work (W3C Trace Context). */
export interface Trace {
  /** 32 hex digits, the same for all that one request led to. */
  readonly traceId: string;
  /** 16 hex digits: the part of it that is done here. */
  readonly spanId: string;
  /** 2 hex digits, passed on as they came. */
  readonly flags: string;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:$|-)/;
const NEW_TRACE_FLAGS = '00';

const current = new AsyncLocalStorage<Trace>();

/** Runs something as a part of the trace that a `traceparent` header names, or of a new one where it names none. */
export function runInTrace<Result>(traceparent: unknown, run: () => Result): Result {
  const parsed = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null;
  const traceId = parsed?.[1] ?? randomBytes(16).toString('hex');
  return current.run({ traceId, spanId: randomBytes(8).toString('hex'), flags: parsed?.[2] ?? NEW_TRACE_FLAGS }, run);
}

/** The trace that runs now. */
export function currentTrace(): Trace | undefined {
  return current.getStore();
}

/** The `traceparent` header for what is sent now; undefined outside a trace. */
export function currentTraceparent(): string | undefined {
  const trace = current.getStore();
  return trace && `00-${trace.traceId}-${trace.spanId}-${trace.flags}`;
}
