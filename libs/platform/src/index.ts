export { Backoff, type BackoffBounds } from './backoff.js';
export { brokerUrlsOf } from './broker-urls.rules.js';
export { buildVersion, release } from './build.js';
export { systemClock, type Clock, type ScheduleOptions } from './clock.js';
export { ConfigError } from './config.error.js';
export { describeError } from './describe-error.js';
export { describeIssues, type IssueFormat } from './describe-issues.js';
export { describeProblems, type ValueProblem } from './describe-problems.js';
export {
  envBoolean,
  envDuration,
  envInteger,
  envUrl,
  envPort,
  envPorts,
  serviceEnv,
  type ServiceConfig,
} from './env.js';
export { envSecret, envVariables, type EnvVariable } from './env-variables.js';
export { every, type Every } from './every.js';
export { FairQueue } from './fair-queue.rules.js';
export { readGitHash } from './git-hash.js';
export { Health, type CheckResult, type HealthReport } from './health.js';
export {
  fence,
  isSameIncarnation,
  type Fencing,
  type KnownIncarnation,
  type MessageOrigin,
} from './incarnation.rules.js';
export type { JsonValue } from './json-value.js';
export { LinkedAbort } from './linked-abort.js';
export { explainListenError } from './listen-error.js';
export { listenOn, type ListenOptions, type ListeningOn } from './listen-on.js';
export { loadConfig, type Environment } from './load-config.js';
export { LoopTurns, type Slices } from './loop-turns.js';
export { SparseLog } from './sparse-log.js';
export { valueNow, type Changing } from './changing.js';
export { fileVariable } from './secret-files.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.js';
export {
  sendProblem,
  startManagementServer,
  type ManagementServer,
  type ManagementServerOptions,
} from './management-server.js';
export { Metrics, type MetricsOptions, type Reading } from './metrics/metrics.js';
export type { Counter, CounterSeries, Histogram, HistogramSeries } from './metrics/families.js';
export type { HistogramDefinition, LabelValues, MetricDefinition } from './metrics/metric-definition.js';
export { mostManagementConnections, openFilesLimit } from './open-files-limit.js';
export { PROBLEM_CONTENT_TYPE, problem, type Problem, type ProblemOptions } from './problem.js';
export { redactUrl } from './redact.js';
export { runService, type RunningService, type ServiceOptions, type StartContext } from './run-service.js';
export { CLOCK, CONFIG, HEALTH, LOGGER, METRICS, SHUTDOWN } from './tokens.js';
export { currentTrace, currentTraceparent, runInTrace, type Trace } from './trace.js';
export { sealFor, SealedBox } from './sealing/sealed-box.js';
export { envVaultKeys, NotOpenable, Vault, type VaultKey } from './sealing/vault.js';
export { wait, type Wait } from './wait.js';
export { settlesWithin, within, type Bound } from './within.js';
