/**
 * What endpoints answer as `error`, by the protocol of signed data sources. No other word is shown: an endpoint could answer what it was
 * sent, or a signing key.
 */
export const ERROR_WORDS: ReadonlySet<string> = new Set([
  'method_not_allowed',
  'invalid_json',
  'unknown_source_request',
  'source_commit_requires_correlation_id',
  'source_commit_invalid',
  'source_commit_requires_single_model',
  'source_api_key_missing',
  'source_id_missing',
  'source_timestamp_missing',
  'source_timestamp_invalid',
  'source_timestamp_expired',
  'source_signature_missing',
  'source_signature_invalid',
  'source_forbidden',
  'source_load_not_configured',
  'source_list_not_configured',
  'source_commit_not_configured',
  'source_events_not_configured',
  'source_commit_echo_not_supported',
]);
