/** The errors of the gateway. Each API gives them its own shape (`error-shape.ts`). */
export type ErrorCode =
  | 'api_key_missing'
  | 'api_key_invalid'
  | 'api_key_expired'
  | 'token_invalid'
  | 'token_expired'
  | 'token_revoked'
  | 'key_required'
  | 'too_many_guesses'
  | 'insufficient_role'
  | 'insufficient_scope'
  | 'network_not_allowed'
  | 'not_ready'
  | 'not_found'
  | 'method_not_allowed'
  | 'malformed_json'
  | 'invalid_request'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'key_not_found'
  | 'key_revoked'
  | 'key_expired'
  | 'key_already_rotated'
  | 'last_admin_key'
  | 'too_many_keys'
  | 'token_not_found'
  | 'too_many_tokens'
  | 'account_not_found'
  | 'too_many_accounts'
  | 'tier_not_found'
  | 'tier_in_use'
  | 'too_many_tiers'
  | 'notice_not_found'
  | 'notice_is_over'
  | 'too_many_notices'
  | 'sign_in_not_configured'
  | 'sign_in_expired'
  | 'sign_in_refused'
  | 'sign_in_not_permitted'
  | 'too_many_sign_ins'
  | 'too_many_sessions'
  | 'identity_provider_unavailable'
  | 'identity_provider_error'
  | 'session_expired'
  | 'session_not_found'
  | 'not_signed_in'
  | 'forged_request'
  | 'rate_limit_error'
  | 'not_implemented'
  | 'reader_not_found'
  | 'reader_not_dead'
  | 'dataplane_not_found'
  | 'restart_not_found'
  | 'operation_not_found'
  | 'idempotency_key_reused'
  | 'restart_in_progress'
  | 'operation_not_supported'
  | 'operation_ended'
  | 'not_sent'
  | 'datasource_not_found'
  | 'wrong_datasource_kind'
  | 'target_not_allowed'
  | 'mode_not_allowed'
  | 'too_many_datasources'
  | 'datasource_busy'
  | 'frozen_config'
  | 'not_serving'
  | 'invalid_name'
  | 'invalid_value'
  | 'resource_not_found'
  | 'duplicate_resource'
  | 'stale_version'
  | 'storage_unavailable'
  | 'outcome_unknown'
  | 'internal_error';

/** What is wrong with one part of a request. */
export interface FieldProblem {
  /** Where, as `members.0.name`; empty for the whole. */
  path: string;
  message: string;
}

export interface ApiErrorOptions {
  status: number;
  code: ErrorCode;
  /** What happened, for people; without secrets. */
  detail: string;
  /** What the caller can do about it. */
  suggestion?: string;
  headers?: Record<string, string>;
  fields?: FieldProblem[];
  /** Further facts, for programs: shown where the API's shape has a place for them. */
  details?: Readonly<Record<string, number>>;
  /** What was thrown before, for the log: no answer contains it. */
  cause?: unknown;
}

/** An answer that is an error. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly suggestion: string | undefined;
  readonly headers: Record<string, string>;
  readonly fields: FieldProblem[] | undefined;
  readonly details: Readonly<Record<string, number>> | undefined;

  constructor({ status, code, detail, suggestion, headers = {}, fields, details, cause }: ApiErrorOptions) {
    super(detail, { cause });
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.suggestion = suggestion;
    this.headers = headers;
    this.fields = fields;
    this.details = details;
  }
}
