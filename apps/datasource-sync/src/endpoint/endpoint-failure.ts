import type { DatasourceError } from '@signalbox/contracts/streams';

export interface EndpointFailureOptions extends DatasourceError {
  /** The endpoint was reached and refuses the signature. */
  readonly isRefusal?: boolean;
  /** What the endpoint asked to wait. */
  readonly retryAfterMs?: number;
  /** What a person can do. */
  readonly fix: string;
  /** The item of a readiness check that it belongs to. */
  readonly item: 'endpoint' | 'signature' | 'tls' | 'reachable';
}

/** A request to an endpoint that brought no page. Its message is ours: it has no text of the endpoint and no secret. */
export class EndpointFailure extends Error {
  override readonly name = 'EndpointFailure';
  readonly code: string;
  readonly isRefusal: boolean;
  readonly retryAfterMs: number | undefined;
  readonly fix: string;
  readonly item: EndpointFailureOptions['item'];

  constructor({ code, message, isRefusal = false, retryAfterMs, fix, item }: EndpointFailureOptions) {
    super(message);
    this.code = code;
    this.isRefusal = isRefusal;
    this.retryAfterMs = retryAfterMs;
    this.fix = fix;
    this.item = item;
  }

  get shown(): DatasourceError {
    return { code: this.code, message: this.message };
  }
}
