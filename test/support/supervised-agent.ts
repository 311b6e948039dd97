import { eventually } from '@signalbox/testing';
import { ServiceInProcess } from './service-in-process.js';
import type { SystemInProcess } from './system.js';

/**
 * The agent of the dataplane `main` in the process of the test, with a supervisor that restarts it at once. Its `boot_id` stays that
 * of the process: no restart becomes `healthy`. A test of that needs a `Dataplane`.
 */
export class SupervisedAgent {
  private agent: ServiceInProcess | undefined;
  private isWanted = true;

  private constructor(
    private readonly system: SystemInProcess,
    private readonly files: string,
  ) {}

  /** Resolves when restarts can be sent to it. @param files the folder that its operations may read */
  static async start(system: SystemInProcess, files: string): Promise<SupervisedAgent> {
    const supervised = new SupervisedAgent(system, files);
    void supervised.supervise();
    await eventually(async () => {
      const shown = (await (await system.get('/v1/dataplanes/main')).json()) as { first_seen_at?: number | null };
      return typeof shown.first_seen_at === 'number';
    });
    return supervised;
  }

  async stop(): Promise<void> {
    this.isWanted = false;
    await this.agent?.stop();
  }

  private async supervise(): Promise<void> {
    while (this.isWanted) {
      this.agent = new ServiceInProcess('dataplane-agent', {
        RABBITMQ_URL: this.system.broker.url,
        BROKER_SENDERS: 'unchecked',
        SIGNALBOX_MANAGEMENT_PORT: '0',
        SIGNALBOX_REPORT_INTERVAL_MS: '500',
        SIGNALBOX_AGENT_FILES: this.files,
        SIGNALBOX_DRAIN_MS: '0',
      });
      await this.agent.ended;
    }
  }
}
