// @ts-check
/** Test files that take long because they wait, for outages and for processes that start: they leave the CPU to others. */
export const waitingFiles = [
  'test/system/dataplane-restarts.test.ts',
  'test/e2e/start.test.ts',
  'test/faults/faults.test.ts',
];

/** Other test files that take long, the longest first: begun last, each would delay the end of the run by itself. */
export const longFiles = [
  'test/system/broker-keys.test.ts',
  'test/system/reader-clients.test.ts',
  'test/system/reader-clients-outage.test.ts',
  'test/system/dataplane.test.ts',
  'apps/datasource-sync/test/fleet.test.ts',
  'apps/datasource-sync/test/postgres/faults.test.ts',
  'test/system/never-called-dead.test.ts',
  'test/system/registry-interrupted.test.ts',
  'test/system/hostile-servers.test.ts',
  'test/system/hostile-answers.test.ts',
  'test/scripts/start-stop.test.ts',
  'test/system/registry-lifecycle.test.ts',
  'libs/messaging/test/cluster.test.ts',
  'test/system/partitions.test.ts',
  'test/system/model-server-reader.test.ts',
  'libs/local-infra/test/rabbitmq-cluster.test.ts',
  'apps/reader-heartbeat/test/core/as-specified.test.ts',
  'test/system/malformed-messages.test.ts',
  'apps/dataplane-agent/test/agent.test.ts',
  'test/system/datasources.test.ts',
  'test/system/topology.test.ts',
  'test/system/replaced-secrets.test.ts',
  'libs/sandbox/test/sandbox.test.ts',
  'libs/sandbox/test/job-pool.test.ts',
  'apps/datasource-sync/test/postgres/readiness.test.ts',
  'apps/datasource-sync/test/postgres/following.test.ts',
  'test/component/datasources-followed.test.ts',
  'test/component/openapi.test.ts',
  'test/component/fairness.test.ts',
  'test/scripts/options.test.ts',
  'test/system/forged-messages.test.ts',
  'test/component/audit-refusals.test.ts',
  'test/component/fuzz.test.ts',
  'test/system/generated-client.test.ts',
  'libs/testing/test/faults.test.ts',
  'test/system/several-gateways.test.ts',
  'test/system/take-over.test.ts',
  'test/system/drain.test.ts',
  'test/system/reader-status.test.ts',
  'libs/local-infra/test/rabbitmq.test.ts',
  'libs/local-infra/test/postgres.test.ts',
  'test/deploy/first-start.test.ts',
  'test/deploy/compose-services.test.ts',
  'test/component/service-status.test.ts',
  'test/component/registry-git.test.ts',
  'test/component/limits.test.ts',
  'test/component/broker-auth.test.ts',
  'test/component/registry-stop-and-keys.test.ts',
  'test/component/registry-config-file.test.ts',
  'apps/gateway/src/http/time-limits.test.ts',
  'apps/gateway/src/http/http-server.test.ts',
];

/** Component tests that use what is installed while other tests run: begun last, they do not wait for it. */
export const packageFiles = [
  'test/component/registry-connection-test.test.ts',
  'test/component/readers-written-elsewhere.test.ts',
  'test/component/reader-clients-stopped.test.ts',
  'test/component/service-status-document.test.ts',
  'test/component/metrics.test.ts',
  'test/component/sign-in.test.ts',
];

const longMs = 25_000;

/**
 * @param {{ name: string, startTime: number, endTime: number }[]} results of vitest's JSON report
 * @returns {string[]} files that took long and are not in the list
 */
export function unlistedLongFiles(results) {
  return results
    .filter(({ startTime, endTime }) => endTime - startTime > longMs)
    .map(({ name, startTime, endTime }) => ({ name, seconds: Math.round((endTime - startTime) / 1_000) }))
    .filter(({ name }) => ![...waitingFiles, ...longFiles, ...packageFiles].some((file) => name.endsWith(`/${file}`)))
    .toSorted((a, b) => b.seconds - a.seconds)
    .map(({ name, seconds }) => `${name} (${seconds} s)`);
}
