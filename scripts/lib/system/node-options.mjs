// @ts-check

/**
 * What Node.js is started with, besides a script. With a young generation of 32 MiB the gateway collects garbage less often, and most of
 * what a request leaves is gone by then. docker-compose.yml and the Dockerfile say the same.
 * @param {string} service
 */
export const nodeOptionsOf = (service) => (service === 'gateway' ? ['--max-semi-space-size=32'] : []);

/**
 * What Node.js is given in its environment, besides. The C library returns free memory from 128 KiB on to the operating system, which is its default, and
 * does not raise that with the largest block that was ever freed: a process keeps 10 to 40 MB less. The Dockerfile says the same.
 */
export const nodeEnvironment = { MALLOC_TRIM_THRESHOLD_: '131072' };
