import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import {
  killServerIn,
  rabbitMqDefinitions,
  scramVerifier,
  startPostgres,
  startRabbitMq,
  type OnProgress,
  type ServerProcess,
} from '@signalbox/local-infra';
import pg from 'pg';
import { TEST_INFRA_VARIABLE, type TestInfraAddresses } from './config.js';
import { SHARED_QUORUM_COUNT_MS } from './quorum-count.js';
import { makeServerFolder, removeAbandonedFolders, SERVERS } from './server-folders.js';

export interface TestInfra {
  addresses: TestInfraAddresses;
  /** Environment variables for the processes that run tests. */
  env: Record<string, string>;
  /** Ends both servers and removes their data. */
  stop: () => Promise<void>;
}

/** What a crash of the machine would lose is of no worth here, and waiting for the disk is most of the time of a test. */
const FAST_POSTGRES = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' };

/**
 * Starts one RabbitMQ, with its management plugin, and one Postgres in a temporary folder. They end with `stop`, or with
 * this process; those of a run that was killed are ended by the next. Throws `LocalInfraError`.
 */
export async function startTestInfra({ onProgress }: { onProgress?: OnProgress } = {}): Promise<TestInfra> {
  await removeAbandonedFolders();
  const folder = await makeServerFolder();
  const servers: ServerProcess[] = [];
  // By folder, so that one that is still starting is ended too.
  const killAll = (): void => SERVERS.forEach((server) => killServerIn(path.join(folder, server)));
  process.once('exit', killAll);
  const stop = async (): Promise<void> => {
    killAll();
    await Promise.all(servers.map((server) => server.stop()));
    process.removeListener('exit', killAll);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };

  const started = await Promise.allSettled([
    startBroker(folder, onProgress).then(({ node, addresses }) => (servers.push(node), addresses)),
    startDatabase(folder, onProgress).then((server) => (servers.push(server), { superuserUrl: server.superuserUrl() })),
  ]);
  const failed = started.find((result) => result.status === 'rejected');
  const [rabbitmq, postgres] = started;
  if (failed || rabbitmq.status === 'rejected' || postgres.status === 'rejected') {
    await stop();
    throw failed?.reason;
  }
  const addresses: TestInfraAddresses = { rabbitmq: rabbitmq.value, postgres: postgres.value };
  return { addresses, env: { [TEST_INFRA_VARIABLE]: JSON.stringify(addresses) }, stop };
}

async function startBroker(folder: string, onProgress: OnProgress | undefined) {
  const user = 'test-admin';
  const password = newPassword();
  const node = await startRabbitMq({
    home: path.join(folder, 'rabbitmq'),
    logFile: path.join(folder, 'rabbitmq.log'),
    definitions: rabbitMqDefinitions({
      vhost: 'test',
      users: [{ name: user, password, configure: '.*', write: '.*', read: '.*', tags: ['administrator'] }],
    }),
    management: true,
    quorumCountMs: SHARED_QUORUM_COUNT_MS,
    ...(onProgress && { onProgress }),
  });
  const addresses = { amqpPort: node.amqpPort, managementPort: node.managementPort as number, user, password };
  return { node, addresses };
}

async function startDatabase(folder: string, onProgress: OnProgress | undefined) {
  const superuserPassword = newPassword();
  const server = await startPostgres({
    home: path.join(folder, 'postgres'),
    logFile: path.join(folder, 'postgres.log'),
    superuserPassword,
    settings: FAST_POSTGRES,
    ...(onProgress && { onProgress }),
  });
  await makeLogInCheap(server.superuserUrl(), superuserPassword);
  return server;
}

/** Tests open a thousand connections. Hashing the password 4,096 times is most of what one costs here, and protects nothing. */
async function makeLogInCheap(superuserUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  await client.query(`ALTER ROLE CURRENT_USER PASSWORD ${pg.escapeLiteral(scramVerifier(password, 1))}`);
  await client.end();
}

const newPassword = (): string => randomBytes(18).toString('base64url');
