import type { DataplaneReport } from '@signalbox/contracts/messages';
import { ServiceProcess } from './service-process.js';
import { checkout } from './script-run.js';
import type { Service } from './service.js';
import type { System } from './system.js';

/** The first report of an incarnation whose engine does not answer yet. */
export const startingReport: DataplaneReport = {
  dataplane: 'main',
  boot_id: 'starting',
  seq: 0,
  state: 'starting',
  engine: 'none',
  pid: 1,
  started_at: 1,
  status: {
    build_date: '2026-01-01',
    implementation_version: '1',
    git_hash: '0',
    spark_version: 'none',
    driver_free_memory_mb: 0,
    max_executors: 0,
    max_memory_per_executor_mb: 0,
    cores_per_executor: 0,
    max_dataframe_size_mb: 0,
    thread_pool_parallelism: 0,
  },
  thread_pool: { running: [], queued: 0, channels: 1 },
};

/** An agent with the local engine under a supervisor that restarts it at once. */
export class Dataplane {
  private process: ServiceProcess;
  private isWanted = true;
  /** The exit code of each incarnation that has ended. */
  readonly exits: (number | null)[] = [];

  constructor(
    private readonly system: Pick<System<Service>, 'broker' | 'database'>,
    private readonly env: Record<string, string> = {},
  ) {
    this.process = this.start();
  }

  get pid(): number {
    return this.process.pid;
  }

  /** The output of the present incarnation. */
  get output(): string {
    return this.process.output;
  }

  pause(): void {
    this.process.pause();
  }

  continue(): void {
    this.process.continue();
  }

  kill(): Promise<void> {
    return this.process.kill();
  }

  async stop(): Promise<void> {
    this.isWanted = false;
    await this.process.stop();
  }

  private start(): ServiceProcess {
    const process = new ServiceProcess('dataplane-agent', {
      RABBITMQ_URL: this.system.broker.url,
      BROKER_SENDERS: 'unchecked',
      SIGNALBOX_MANAGEMENT_PORT: '0',
      SIGNALBOX_REPORT_INTERVAL_MS: '500',
      SIGNALBOX_AGENT_FILES: checkout,
      SIGNALBOX_AGENT_DATABASE_URL: this.system.database.url,
      ...this.env,
    });
    void process.ended.then((code) => {
      this.exits.push(code);
      if (this.isWanted) this.process = this.start();
    });
    return process;
  }
}
