// @ts-check

/**
 * What Node.js is started with, besides a script. With a young generation of 32 MiB the gateway collects garbage less often, and most of
 * what a request leaves is gone by then. docker-compose.yml and the Dockerfile say the same.
 * @param {string} service
 */
export const nodeOptionsOf = (service) => (service === 'gateway' ? ['--max-semi-space-size=32'] : []);
