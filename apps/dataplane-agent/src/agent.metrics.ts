import type { MetricDefinition, Metrics } from '@signalbox/platform';
import type { Agent } from './agent.js';

export const runningOperations = {
  name: 'signalbox_agent_running_operations',
  help: 'Operations that run now.',
} as const satisfies MetricDefinition;

export const openChannels = {
  name: 'signalbox_agent_channels',
  help: 'AMQP channels that are open.',
} as const satisfies MetricDefinition;

/** Registers what is read of the agent at each scrape. */
export function registerAgentMetrics(metrics: Metrics, { channels, engine }: Agent): void {
  metrics.gauge(runningOperations, () => engine.work().running.length);
  metrics.gauge(openChannels, () => channels.count);
}
