import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '@signalbox/local-infra';
import { eventually } from '@signalbox/testing';

/** A series and its present value. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus of a test's own that scrapes management ports on this machine every second. Await `testPackages()` before. */
export class Prometheus {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(managementPorts: readonly number[]): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-prometheus-'));
    const configFile = join(folder, 'prometheus.yml');
    const targets = managementPorts.map((port) => `127.0.0.1:${port}`);
    // JSON is YAML.
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'signalbox', static_configs: [{ targets }] }],
    };
    writeFileSync(configFile, JSON.stringify(config));
    const port = await freePort();
    const server = spawn(
      findProgram('prometheus'),
      [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let log = '';
    server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await eventually(async () => {
      if (server.exitCode !== null) throw new Error(`prometheus ended: ${log}`);
      return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
    });
    return new Prometheus(server, folder, port);
  }

  /** @throws Error where the expression is wrong */
  async query(expression: string): Promise<Series[]> {
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: expression }),
    });
    const { data, error } = (await response.json()) as {
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
      error?: string;
    };
    if (data === undefined) throw new Error(`${expression}: ${error}`);
    // Number() reads no `+Inf`.
    return data.result.map(({ metric, value: [, text] }) => ({
      metric,
      value: Number(text.replace('Inf', 'Infinity')),
    }));
  }

  /** The sum of what an expression gives; undefined where there is no series, as after a scrape that failed. */
  async sum(expression: string): Promise<number | undefined> {
    const series = await this.query(expression);
    return series.length === 0 ? undefined : series.reduce((sum, { value }) => sum + value, 0);
  }

  /** Waits until the sum satisfies a condition, and returns it. */
  async until(expression: string, condition: (sum: number) => boolean): Promise<number> {
    const { sum } = await eventually(
      async () => {
        const sum = await this.sum(expression);
        if (sum === undefined || !condition(sum)) throw new Error(`${expression} is ${sum}`);
        return { sum };
      },
      { timeoutMs: 40_000 },
    );
    return sum;
  }

  /** Makes something happen, and waits until the sum is larger than before. */
  async grows(expression: string, act: () => unknown): Promise<void> {
    const before = (await this.sum(expression)) ?? 0;
    await act();
    await this.until(expression, (sum) => sum > before);
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}

/** What `promtool check metrics` says of the metrics of a process: nothing where they are named and described as they should be. */
export async function checkMetrics(managementPort: number): Promise<string> {
  const text = await (await fetch(`http://127.0.0.1:${managementPort}/metrics`)).text();
  return new Promise((resolve) => {
    const check = execFile(findProgram('promtool'), ['check', 'metrics'], (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    check.stdin?.end(text);
  });
}

function findProgram(name: string): string {
  // The second is where `npm test` unpacks it: scripts/lib/prepare/test-packages.mjs.
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    join(homedir(), '.cache/signalbox/prometheus/usr/bin'),
  ];
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`there is no ${name}: npm test fetches it`);
  return found;
}
