/** Lets clients log in with API keys: their id is the user, the key the password. The gateway decides. */
export interface KeyLogin {
  /** Of the gateway's listener for these decisions, such as `http://127.0.0.1:15690`. */
  readonly url: string;
}

/** Both are part of RabbitMQ. */
export const KEY_LOGIN_PLUGINS = ['rabbitmq_auth_backend_http', 'rabbitmq_auth_backend_cache'];

/** A decision is used for so long: a client that publishes much does not ask for each message. What is refused is asked again. */
const CACHE_MS = 1_000;

/** The gateway answers within a millisecond. While it does not answer, a login fails after this time. */
const TIMEOUT_MS = 5_000;

/**
 * The settings of a node. The users that it knows itself log in as without them; the gateway is asked about all others, and about a user of
 * its own whose password is wrong.
 */
export const keyLoginSettings = ({ url }: KeyLogin): Record<string, string> => ({
  'auth_backends.1': 'internal',
  'auth_backends.2': 'cache',
  'auth_cache.cached_backend': 'http',
  'auth_cache.cache_ttl': String(CACHE_MS),
  'auth_http.http_method': 'post',
  'auth_http.user_path': `${url}/broker/user`,
  'auth_http.vhost_path': `${url}/broker/vhost`,
  'auth_http.resource_path': `${url}/broker/resource`,
  'auth_http.topic_path': `${url}/broker/topic`,
  'auth_http.connection_timeout': String(TIMEOUT_MS),
  'auth_http.request_timeout': String(TIMEOUT_MS),
});

/** The settings of the management API, by which the gateway closes the connections of a key: no process reads statistics there. */
export const CLOSING_SETTINGS: Readonly<Record<string, string>> = {
  'management_agent.disable_metrics_collector': 'true',
};
