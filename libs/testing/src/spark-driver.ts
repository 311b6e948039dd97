import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const GIB = 1024 ** 3;

/** Answers as the monitoring API of a Spark driver is documented to (https://spark.apache.org/docs/latest/monitoring.html#rest-api). */
export class SparkDriver {
  static readonly application = 'app-20260404120000-0001';
  /** What is answered to which path and query below `/api/v1`; 404 to all others. */
  answers = documented();
  /** Each path and query that was asked for. */
  readonly asked: string[] = [];
  /** Takes requests and answers none. */
  isSilent = false;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      const path = (request.url ?? '').replace(/^\/api\/v1/, '');
      this.asked.push(path);
      const answer = this.answers[path];
      if (this.isSilent) return;
      response
        .writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer ?? {}));
    });
  }

  static async start(): Promise<SparkDriver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SparkDriver(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** The path of what the API reports about the application. */
  of(what: string): string {
    return `/applications/${SparkDriver.application}${what}`;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const executor = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  hostPort: '10.0.0.1:4711',
  isActive: true,
  rddBlocks: 0,
  memoryUsed: GIB / 2,
  diskUsed: 0,
  totalCores: 7,
  maxTasks: 7,
  activeTasks: 1,
  maxMemory: 2 * GIB,
  ...more,
});

function documented(): Record<string, unknown> {
  const application = `/applications/${SparkDriver.application}`;
  return {
    '/version': { spark: '3.5.1' },
    '/applications': [
      {
        id: SparkDriver.application,
        name: 'SparkMothership',
        attempts: [{ startTime: '2026-04-04T12:00:00.000GMT', completed: false, appSparkVersion: '3.5.1' }],
      },
    ],
    [`${application}/executors`]: [
      executor('driver', { totalCores: 0, maxTasks: 0 }),
      executor('1'),
      executor('2', { maxMemory: 3 * GIB }),
      executor('3', { isActive: false }),
    ],
    [`${application}/environment`]: {
      runtime: { javaVersion: '17', scalaVersion: '2.12' },
      sparkProperties: [
        ['spark.dynamicAllocation.enabled', 'true'],
        ['spark.dynamicAllocation.maxExecutors', '12'],
        ['spark.executor.memory', '55000m'],
        ['spark.executor.cores', '7'],
        ['spark.driver.maxResultSize', '4g'],
      ],
      systemProperties: [],
    },
    [`${application}/jobs?status=running`]: [
      { jobId: 41, name: 'count', status: 'RUNNING', stageIds: [1] },
      { jobId: 42, name: 'collect', status: 'RUNNING', stageIds: [2] },
    ],
    [`${application}/stages?status=pending`]: [{ stageId: 3, status: 'PENDING', attemptId: 0 }],
  };
}
