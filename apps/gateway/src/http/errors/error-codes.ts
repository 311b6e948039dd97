/**
 * The errors of the gateway: what each code means and what to do. `/docs/errors` has the same. Each API gives its errors a shape
 * (`error-shape.ts`).
 */
export const errorCodes = {
  // Who sends the request.
  api_key_missing:
    'No API key was sent. Send one as X-Api-Key, Authorization: Bearer or the password of Authorization: Basic.',
  api_key_invalid:
    'The key is mistyped, was revoked or never existed. GET /v1/keys shows the beginning and the end of each key.',
  api_key_expired: 'The key has expired. Use another one; an admin creates keys with POST /v1/keys.',
  token_invalid: 'The token was changed, or another system signed it. Issue one with POST /v1/tokens.',
  token_expired: 'The token has expired. Issue another one with POST /v1/tokens.',
  token_revoked: 'The token or its key was revoked. Issue another one with POST /v1/tokens.',
  key_required: 'A token cannot create keys or tokens. Send the request with the key.',
  too_many_guesses:
    'More than ten wrong credentials a second came from the address. Correct the client that sends them.',
  insufficient_role: 'The role of the caller does not permit the request. The answer names the role that it requires.',
  insufficient_scope: 'The key lacks the scope that the answer names. Use a key with that scope.',
  network_not_allowed:
    'The request comes from outside the networks of the key. Send it from there, or use another key.',
  key_not_for_api:
    'The key is of kind reader or agent: it is for logins at the broker. Use a key of kind secret or publishable.',
  forged_request:
    'A change with a session lacks its X-CSRF-Token, or another page sent it. GET /v1/session has the token.',
  // The request itself.
  not_found: 'There is no such route. /docs lists all routes.',
  method_not_allowed: 'The route does not accept the method. The header Allow lists those that it accepts.',
  malformed_http: 'What arrived is not a request of HTTP/1.1, or it is HTTPS at the port of HTTP.',
  request_timeout: 'The request did not arrive in time. Send all of it at once.',
  head_too_large: 'The request line and the headers are larger than 16 KiB. Send fewer or shorter headers.',
  malformed_json: 'The body is not valid JSON.',
  invalid_request: 'A part of the request is not valid. The answer says which, and why.',
  invalid_name: 'The name is not valid. Names are 1 to 255 letters, digits, dots, hyphens and underscores.',
  invalid_value: 'A member of the body has a value that cannot be used. The answer says which, and why.',
  payload_too_large: 'The body is larger than SIGNALBOX_BODY_SIZE_LIMIT_BYTES.',
  unsupported_media_type: 'The body must be JSON without encoding, with Content-Type: application/json.',
  not_implemented: 'Signalbox does not serve this part of the API. The answer says why.',
  // Limits.
  rate_limit_error:
    'The requests of the key in this hour or second are used up. Try again after the seconds in Retry-After.',
  too_many_at_once:
    'As many requests of the caller are at work and waiting as may be of their class: reads, changes, or connection tests, reloads and loads of packages. Nothing was done. Send fewer at once, and try again after the seconds in Retry-After.',
  gateway_busy:
    'As many requests of the class are at work and waiting at this gateway as may be. Nothing was done. Try again after the seconds in Retry-After.',
  too_many_waits: 'Too many requests with `wait` are open, of the key or of all. Wait for their answers.',
  quota_exceeded:
    'A quota of the deployment is used up; nothing was changed. The answer names the quota, its value and what is used. Remove what is not needed, or raise it with SIGNALBOX_QUOTAS. GET /v1/quotas lists all.',
  too_many_tokens:
    'There are as many tokens as there may be. Revoke those that are not used, or wait until some expire.',
  too_many_accounts: 'There are as many accounts as there may be.',
  too_many_tiers: 'There are as many tiers as there may be. Delete those that no account has.',
  too_many_notices: 'There are as many notices as there may be. End those that are over.',
  too_many_sign_ins: 'Too many people sign in at this moment. Try again in some seconds.',
  too_many_sessions: 'There are as many sessions as there may be. An admin ends some with DELETE /v1/sessions/{id}.',
  too_many_datasources: 'The account has as many datasources as it may have. Disconnect those that are not used.',
  // Keys, tokens, accounts and tiers.
  key_not_found: 'There is no such key. GET /v1/keys lists all keys.',
  key_revoked: 'The key was revoked already.',
  key_expired: 'The key has expired: it cannot be rotated. Create another one.',
  key_already_rotated: 'Another key replaces this key already. Rotate that one.',
  last_admin_key: 'No admin key would be left. Create another admin key before.',
  token_not_found: 'There is no such token. GET /v1/tokens lists those that have not expired.',
  account_not_found: 'There is no such account. GET /v1/accounts lists all accounts.',
  tier_not_found: 'There is no such tier. GET /v1/tiers lists all tiers.',
  tier_in_use: 'Accounts have the tier. Give them another one with PATCH /v1/accounts/{id}.',
  // Maintenance.
  notice_not_found: 'There is no such notice. GET /v1/notices lists them.',
  notice_is_over: 'The maintenance is over: it cannot be changed. Schedule another one.',
  // Sign-in and sessions.
  sign_in_not_configured: 'The deployment has no identity provider. Use an API key.',
  sign_in_expired: 'The sign-in took too long, or it was begun in another browser. Sign in again.',
  sign_in_refused: 'The identity provider refused the sign-in, or it was cancelled there.',
  sign_in_not_permitted:
    'No group of the person has a role here. An operator sets the groups in SIGNALBOX_OIDC_* variables.',
  identity_provider_unavailable: 'The identity provider cannot be reached. Try again in a moment.',
  identity_provider_error:
    'The identity provider gave an answer that cannot be used. The logs of the gateway have the reason.',
  session_expired: 'The session has ended. Sign in again.',
  session_not_found: 'There is no such session: it may have ended.',
  not_signed_in: 'The request was not identified by a session, so there is nothing to sign out of.',
  // Readers and dataplanes.
  reader_not_found: 'There is no such reader. GET /v1/readers lists all readers.',
  too_many_readers:
    'There are too many readers, or too many groups of each, for one answer. GET /v1/readers has them in pages.',
  reader_not_controllable:
    'The reader has declared no queue for commands: stop its process where it runs. docs/messages.md says how a reader declares one.',
  reader_not_dead: 'The reader is not dead: only dead readers can be forgotten.',
  dataplane_not_found:
    'No dataplane of the name has reported, or it was removed. GET /v1/dataplanes lists all dataplanes.',
  restart_not_found: 'There is no such restart.',
  operation_not_found: 'The dataplane has no such operation among its latest.',
  operation_ended: 'The operation has ended: it cannot be cancelled.',
  idempotency_key_reused: 'The Idempotency-Key was used for another request. Use a new one.',
  dataplane_reports:
    'The dataplane has reported in the last seconds. Only one that does not report any more can be removed: stop its agent first.',
  restart_in_progress:
    'A restart with another drain time is in progress, or one of a dataplane that is to be removed. Wait until it ends.',
  operation_not_supported: 'The dataplane does not run operations of the kind. The answer lists those that it runs.',
  not_sent:
    'The command could not be sent, and will not be sent later. Try again when the broker and the dataplane are back.',
  // Datasources.
  datasource_not_found: 'The account has no such datasource. GET /v1/datasources lists those that it has.',
  wrong_datasource_kind: 'The request is for the other kind of datasource: a database or an endpoint.',
  target_not_allowed: 'The deployment does not permit connections to the target. See SIGNALBOX_ALLOW_PRIVATE_TARGETS.',
  mode_not_allowed: 'The mode of the key (live or test) does not permit the environment.',
  datasource_busy: 'Another change of the datasource is in progress. Try again in a moment.',
  // Registry.
  frozen_config: 'The configuration is frozen: nothing can be changed. The answer names the file and the reason.',
  resource_not_found: 'There is no such project, connection or package.',
  duplicate_resource: 'The name is used already.',
  registry_busy:
    'The registry tests as many connections, or reads as many repositories, as it may at once, of the caller or in all. Nothing was changed. Try again after the seconds in Retry-After.',
  stale_version: 'The resource has changed since the ETag in If-Match was read. Read it again.',
  // The system.
  not_ready: 'This gateway has just started and has not received its data yet. Try again in a second.',
  not_serving:
    'The service that decides about the request loads, stops or is down; nothing was changed. Try again in a second.',
  access_unverified:
    'Neither the database nor the broker can say whether the credential is still valid; nothing was changed. Reads work from memory for SIGNALBOX_ACCESS_STALE_LIMIT.',
  storage_unavailable:
    'The database cannot be reached or is too busy; nothing was changed. Reads from memory still work.',
  outcome_unknown:
    'The answer of the database or of a service did not arrive: the change may have been made or not. Check before you try again.',
  internal_error: 'An error that no code expects. The logs of the gateway have it under the request_id.',
} as const;

export type ErrorCode = keyof typeof errorCodes;
