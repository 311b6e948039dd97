import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { freePort } from '../processes/ports.js';
import type { RabbitMqDefinitions } from './definitions.js';
import { startEpmd } from './epmd.js';
import { nodeNameOf } from './node-files.js';
import { startRabbitMq, type RabbitMqNode } from './start-rabbitmq.js';

export interface RabbitMqClusterOptions {
  /** A folder for the folders of the nodes. Absolute path; created if missing. */
  home: string;
  definitions: RabbitMqDefinitions;
  /** Default 3. */
  size?: number;
  /** Lines of rabbitmq.conf that replace the defaults. */
  settings?: Record<string, string>;
}

/** Private nodes on 127.0.0.1 that form one broker. */
export interface RabbitMqCluster {
  /** `127.0.0.1:port` of each node, also of those that are down: what clients are given. */
  readonly hosts: readonly string[];
  /** Erlang names, as the broker shows them. */
  readonly names: readonly string[];
  /** @throws Error where this node is down */
  node(index: number): RabbitMqNode;
  /** Kills a node with SIGKILL. */
  kill(index: number): Promise<void>;
  /** Starts a node that was killed or stopped again, with its data and its port. */
  start(index: number): Promise<void>;
  /** Stops all nodes, and what they were started with. */
  stop(): Promise<void>;
}

/** Starts the nodes and joins them. Throws {@link LocalInfraError}, and then leaves none running. */
export async function startRabbitMqCluster({
  home,
  definitions,
  size = 3,
  settings = {},
}: RabbitMqClusterOptions): Promise<RabbitMqCluster> {
  const places = await Promise.all(
    Array.from({ length: size }, async (_, index) => ({
      home: path.join(home, `node-${index}`),
      amqpPort: await freePort(),
    })),
  );
  const names = places.map((place) => nodeNameOf(place.home));
  const epmd = await startEpmd(path.join(home, 'epmd'));
  const membership = { epmdPort: epmd.port, firstNode: names[0]!, cookie: randomBytes(24).toString('hex') };
  const running: (RabbitMqNode | undefined)[] = places.map(() => undefined);

  async function start(index: number): Promise<void> {
    const place = places[index]!;
    const logFile = path.join(place.home, 'node.log');
    running[index] = await startRabbitMq({ ...place, logFile, definitions, settings, membership });
  }
  async function stop(): Promise<void> {
    // All at once: a node that stops as the last one waits for no other.
    await Promise.all(running.map(async (node) => node?.stop()));
    await epmd.stop();
  }
  function node(index: number): RabbitMqNode {
    const found = running[index];
    if (found === undefined) throw new Error(`node ${index} is down`);
    return found;
  }

  try {
    // The others join the first one.
    await start(0);
    await Promise.all(places.slice(1).map((_, index) => start(index + 1)));
    // A node takes clients before all others know it, and a quorum queue has members only on the nodes that are known where it is declared.
    await Promise.all(running.map(async (each) => each?.control('await_online_nodes', String(size))));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    hosts: places.map(({ amqpPort }) => `127.0.0.1:${amqpPort}`),
    names,
    node,
    kill: async (index) => {
      const killed = node(index);
      running[index] = undefined;
      killed.kill();
      await killed.exited;
    },
    start,
    stop,
  };
}
