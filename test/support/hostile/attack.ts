import { eventually } from '@signalbox/testing';
// @ts-expect-error plain JavaScript, which benchmarks use without a build
import { childrenOf as children, residentBytesOf as residentBytes } from '../processes.mjs';
import { Registry } from '../registry.js';
import type { System } from '../system.js';
import { GOOD as GOOD_GIT, gitAnswers } from './git-answers.js';
import { startHostileServer } from './hostile-server.js';
import { GOOD as GOOD_MYSQL, mysqlAnswers } from './mysql-answers.js';
import { GOOD as GOOD_POSTGRES, postgresAnswers } from './postgres-answers.js';
import { randomFrom, type Random } from './random.js';
import type { Conversation } from './spoil.js';
import { GOOD as GOOD_TRINO, trinoAnswers } from './trino-answers.js';

export const KINDS = ['postgres', 'mysql', 'trino', 'git'] as const;
export type Kind = (typeof KINDS)[number];

const childrenOf = children as (pid: number) => number[];
const residentBytesOf = residentBytes as (pid: number) => number;

const ANSWERS: Record<Kind, { good: Conversation; hostile: (random: Random) => Conversation }> = {
  postgres: { good: GOOD_POSTGRES, hostile: postgresAnswers },
  mysql: { good: GOOD_MYSQL, hostile: mysqlAnswers },
  trino: { good: GOOD_TRINO, hostile: trinoAnswers },
  git: { good: GOOD_GIT, hostile: gitAnswers },
};

/** As many as the registry does at once for one caller. */
const AT_ONCE: Record<Kind, number> = { postgres: 6, mysql: 6, trino: 6, git: 2 };
const MIB = 2 ** 20;
const WATCH_EVERY_MS = 50;
/** A server is asked once more, and after the hostile ones, so often. */
const GOOD_TIMES = 5;

export interface Outcome {
  readonly what: string;
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

/** What came of the hostile answers of one kind. */
export interface Report {
  readonly kind: Kind;
  readonly outcomes: readonly Outcome[];
  /** By how many MiB the registry was larger than before, at most. */
  readonly grownMiB: number;
  /** Largest process of a job, MiB. */
  readonly largestJobMiB: number;
  /** Median ms of a good answer, before and after. */
  readonly goodMs: readonly [before: number, after: number];
  /** What must not have happened. */
  readonly faults: readonly string[];
}

/** A gateway and a registry, and hostile servers that it is led to. */
export class Attack {
  private packages = 0;

  private constructor(
    private readonly registry: Registry,
    private readonly system: System,
    private readonly pid: number,
  ) {}

  static async prepare(): Promise<Attack> {
    const registry = await Registry.withGateway();
    const { system } = registry;
    await registry.start({
      config: { projects: [{ name: 'p' }] },
      env: { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' },
    });
    await registry.serving();
    return new Attack(registry, system, system.service('registry').pid);
  }

  close(): Promise<void> {
    return this.registry.close();
  }

  async run(kind: Kind, cases: number, seed: number): Promise<Report> {
    const random = randomFrom(seed);
    const conversations = Array.from({ length: cases }, () => ANSWERS[kind].hostile(random));
    const faults: string[] = [];
    const before = await this.good(kind, faults);
    const watch = this.watch();
    const outcomes: Outcome[] = [];
    const one = async (): Promise<void> => {
      for (let next = conversations.pop(); next; next = conversations.pop()) {
        const outcome = await this.ask(kind, next);
        outcomes.push(outcome);
        if (![200, 404].includes(outcome.status) || outcome.text === '')
          faults.push(`${kind}: ${outcome.what}: ${outcome.status} ${outcome.text.slice(0, 200)}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE[kind] }, one));
    const after = await this.good(kind, faults);
    const { grown, largestJob } = watch.end();
    if (grown > 64 * MIB) faults.push(`${kind}: the registry grew by ${Math.round(grown / MIB)} MiB`);
    if (!this.isAlive)
      faults.push(`${kind}: the registry ended: ${this.system.service('registry').output.slice(-500)}`);
    return {
      kind,
      outcomes,
      grownMiB: grown / MIB,
      largestJobMiB: largestJob / MIB,
      goodMs: [before, after],
      faults,
    };
  }

  private get isAlive(): boolean {
    try {
      return residentBytesOf(this.pid) > 0;
    } catch {
      return false;
    }
  }

  /** @returns median ms */
  private async good(kind: Kind, faults: string[]): Promise<number> {
    const times: number[] = [];
    for (let time = 0; time < GOOD_TIMES; time += 1) {
      const { status, text, ms } = await this.ask(kind, ANSWERS[kind].good);
      const isGood = status === 200 && (kind === 'git' ? text.includes('"description":"good"') : text.includes('"ok"'));
      if (!isGood) faults.push(`${kind}: a good answer: ${status} ${text.slice(0, 200)}`);
      times.push(ms);
    }
    return times.toSorted((a, b) => a - b)[Math.floor(GOOD_TIMES / 2)]!;
  }

  private async ask(kind: Kind, conversation: Conversation): Promise<Outcome> {
    const server = await startHostileServer(conversation);
    const startedAt = performance.now();
    try {
      const response = await (kind === 'git' ? this.load(server.port) : this.test(kind, server.port));
      const text = await response.text();
      return { what: conversation.what, status: response.status, text, ms: performance.now() - startedAt };
    } finally {
      server.close();
    }
  }

  private load(port: number): Promise<Response> {
    this.packages += 1;
    const location = `http://127.0.0.1:${port}/r`;
    return this.system.send('POST', '/api/v0/projects/p/packages', { name: `p${this.packages % 50}`, location });
  }

  private test(kind: Exclude<Kind, 'git'>, port: number): Promise<Response> {
    const login = { host: '127.0.0.1', port, password: 'pass' };
    const settings = {
      postgres: { postgresConnection: { ...login, userName: 'u', databaseName: 'd' } },
      mysql: { mysqlConnection: { ...login, user: 'u', database: 'd' } },
      trino: {
        trinoConnection: { server: `http://127.0.0.1:${port}`, catalog: 'c', schema: 's', user: 'u' },
      },
    };
    return this.system.send('POST', '/api/v0/connections/test', { name: 'x', type: kind, ...settings[kind] });
  }

  /** Looks at the registry and the processes of its jobs. */
  private watch(): { end: () => { grown: number; largestJob: number } } {
    const before = residentBytesOf(this.pid);
    let [largest, largestJob] = [before, 0];
    const look = (): void => {
      if (!this.isAlive) return;
      largest = Math.max(largest, residentBytesOf(this.pid));
      for (const child of childrenOf(this.pid)) largestJob = Math.max(largestJob, sizeOf(child));
    };
    const timer = setInterval(look, WATCH_EVERY_MS);
    return {
      end: () => {
        clearInterval(timer);
        look();
        return { grown: largest - before, largestJob };
      },
    };
  }

  /** When no job runs any more but the spare process. */
  async quiet(): Promise<void> {
    await eventually(() => childrenOf(this.pid).length <= 1, { timeoutMs: 60_000 });
  }
}

function sizeOf(pid: number): number {
  try {
    return residentBytesOf(pid);
  } catch {
    return 0;
  }
}
