import {
  Health,
  Metrics,
  startManagementServer,
  systemClock,
  type RunningService,
  type StartContext,
} from '@signalbox/platform';
import { Agent } from './agent.js';
import { registerAgentMetrics } from './agent.metrics.js';
import { readBuildInfo } from './build/build-info.js';
import type { Config } from './config.js';

/** Starts the agent and its management server. Without a broker both start all the same, and the agent is not ready. */
export async function startAgent(
  { config, logger, requestStop }: StartContext<Config>,
  mainFile: string,
): Promise<RunningService> {
  const build = readBuildInfo({ mainFile, gitHash: config.SIGNALBOX_GIT_HASH, buildDate: config.SIGNALBOX_BUILD_DATE });
  const metrics = new Metrics({ service: 'dataplane-agent' });
  const agent = new Agent({
    config,
    build,
    metrics,
    clock: systemClock,
    logger,
    onRestartDone: () => requestStop('restart executed'),
  });
  registerAgentMetrics(metrics, agent);
  const management = await startManagementServer({
    host: config.SIGNALBOX_MANAGEMENT_HOST,
    port: config.SIGNALBOX_MANAGEMENT_PORT,
    health: healthOf(agent),
    metrics,
    logger,
  });
  logger.info({ dataplane: config.SIGNALBOX_DATAPLANE, engine: config.SIGNALBOX_ENGINE, ...build }, 'agent starts');
  agent.start();
  return {
    ready: { managementPort: management.port },
    async stop() {
      await agent.stop({ drainMs: config.SIGNALBOX_DRAIN_MS });
      await management.close();
    },
  };
}

function healthOf({ amqp, engine, state }: Agent): Health {
  const health = new Health();
  health.add('process', () => ({ status: state.current === 'running' ? 'up' : 'down', detail: state.current }));
  health.add('broker', () => ({ status: amqp.status().up ? 'up' : 'down', since: amqp.status().sinceMs }));
  health.add('engine', () => ({ status: engine.ready ? 'up' : 'down', detail: engine.name }));
  return health;
}
