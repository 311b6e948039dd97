import {
  Health,
  Metrics,
  startManagementServer,
  systemClock,
  type RunningService,
  type StartContext,
} from '@signalbox/platform';
import { Agent } from './agent.js';
import { readBuildInfo } from './build/build-info.js';
import type { Config } from './config.js';

/** The agent and its management server. Without a broker it starts all the same, and says that it is not ready. */
export async function startAgent({ config, logger }: StartContext<Config>, mainFile: string): Promise<RunningService> {
  const build = readBuildInfo({ mainFile, gitHash: config.SIGNALBOX_GIT_HASH, buildDate: config.SIGNALBOX_BUILD_DATE });
  const agent = new Agent({
    config,
    build,
    clock: systemClock,
    logger,
    // The way out is the same as for a supervisor's own signal.
    exit: () => process.kill(process.pid, 'SIGTERM'),
  });
  const management = await startManagementServer({
    host: config.SIGNALBOX_MANAGEMENT_HOST,
    port: config.SIGNALBOX_MANAGEMENT_PORT,
    health: healthOf(agent),
    metrics: metricsOf(agent),
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

function healthOf(agent: Agent): Health {
  const health = new Health();
  health.add('process', () => ({ status: agent.state === 'running' ? 'up' : 'down', detail: agent.state }));
  health.add('broker', () => ({ status: agent.amqp.status().up ? 'up' : 'down', since: agent.amqp.status().sinceMs }));
  health.add('engine', () => ({ status: agent.engine.ready ? 'up' : 'down', detail: agent.engine.name }));
  return health;
}

function metricsOf(agent: Agent): Metrics {
  const metrics = new Metrics({ service: 'dataplane-agent' });
  metrics.gauge({
    name: 'signalbox_agent_running_operations',
    help: 'Operations that run now',
    collect: (gauge) => gauge.set(agent.engine.work().running.length),
  });
  metrics.gauge({
    name: 'signalbox_agent_channels',
    help: 'AMQP channels that are open',
    collect: (gauge) => gauge.set(agent.channels.count),
  });
  return metrics;
}
