// @ts-check
import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 200;
const PATIENCE_MS = 5_000;

/** Reads `GET /status` of every gateway five times a second, as a client that depends on it does. */
export class Watch {
  answers = 0;
  #stopped = false;
  /** The newest heartbeat each gateway shows, Unix s. @type {number[]} */
  newest = [];
  /** The start of each gateway that has answered already. @type {number[]} */
  #answered = [];
  /** How many readers each gateway declares dead. @type {number[]} */
  #dead = [];
  /** Digest at each place of each stream: every process at that place must have the same. @type {Map<string, string>} */
  #digests = new Map();
  /** @type {Promise<void>[]} */
  #loops;

  /** @param {import('./world.mjs').World<any>} world */
  constructor(world) {
    this.world = world;
    this.headers = { 'x-api-key': world.adminKey };
    this.#loops = [...world.gatewayUrls.map((url, index) => this.#read(url, index)), this.#compare()];
  }

  async stop() {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  /** @param {string} url @param {number} index */
  async #read(url, index) {
    const gateway = this.world.gateways[index];
    for (; !this.#stopped; await wait(EVERY_MS)) {
      const { ready, starts } = gateway ?? {};
      if (!ready) continue;
      try {
        const response = await fetch(`${url}/status`, {
          headers: this.headers,
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        const body = await response.json();
        // A gateway that has just started answers 503 until it has received its first snapshot.
        const mayLackSnapshot =
          this.#answered[index] !== starts && response.status === 503 && body.code === 'not_ready';
        if (response.status === 200) {
          this.#answered[index] = starts ?? 0;
          this.#judge(body, index);
        } else if (!mayLackSnapshot)
          this.world.reportUnexpected(`${gateway?.name} answered ${response.status} ${JSON.stringify(body)}`);
      } catch (error) {
        if (gateway?.ready && gateway.starts === starts)
          this.world.reportUnexpected(`${gateway.name} did not answer: ${String(error)}`);
      }
    }
  }

  /** @param {any} body @param {number} index */
  #judge({ status }, index) {
    this.answers += 1;
    if (status === null) return;
    const dead = Object.keys(status.dead_readers);
    const wasDead = this.#dead[index] ?? 0;
    this.#dead[index] = dead.length;
    // After the end of the load the readers are dead indeed.
    if (dead.length > wasDead && this.world.isLoaded)
      this.world.reportUnexpected(`${dead.length} readers were declared dead, such as ${dead[0]}`);
    const times = Object.values(status.last_heartbeat).map(({ heartbeat_timestamp: at }) => at);
    const newest = times.length === 0 ? 0 : Math.max(...times);
    if (newest > Date.now() / 1_000 + 0.5)
      this.world.reportUnexpected(`a heartbeat has a time in the future: ${newest}`);
    this.newest[index] = newest;
  }

  async #compare() {
    for (; !this.#stopped; await wait(1_000)) {
      for (const child of this.world.services) {
        const health = await this.world.health(child);
        for (const [name, { detail }] of Object.entries(health?.checks ?? {})) {
          const [, kind, stream] = /^(stream|ownership of) (.+)$/.exec(name) ?? [];
          const [, place, digest] = /at (\d+\.\d+), digest (\w+)/.exec(detail ?? '') ?? [];
          if (kind === undefined || place === undefined || digest === undefined) continue;
          const known = this.#digests.get(`${stream} ${place}`);
          if (known !== undefined && known !== digest)
            this.world.reportUnexpected(`${child.name} has ${digest} at ${place} of ${stream}, another has ${known}`);
          this.#digests.set(`${stream} ${place}`, digest);
        }
      }
    }
  }
}
