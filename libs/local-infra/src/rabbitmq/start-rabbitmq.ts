import { mkdir } from 'node:fs/promises';
import { LocalInfraError } from '../local-infra.error.js';
import { requireDiskSpace } from '../processes/disk-space.js';
import { freePort } from '../processes/ports.js';
import { requirePort } from '../processes/require-port.js';
import { refuseSecondServer } from '../processes/server-home.js';
import { launch, type ServerProcess } from '../processes/server-process.js';
import { waitForStart } from '../processes/wait-for-start.js';
import type { OnProgress } from '../progress.js';
import { greetsAmqp } from './amqp-greeting.js';
import type { RabbitMqDefinitions } from './definitions.js';
import { makeBootLinks } from './boot-links.js';
import type { KeyLogin } from './key-login.js';
import { runRabbitMqCtl } from './rabbitmqctl.js';
import { findRabbitMq } from './find-rabbitmq.js';
import {
  DISK_FREE_LIMIT_MIB,
  nodeEnvironment,
  nodeNameOf,
  pluginsOf,
  requireUsableHome,
  writeNodeFiles,
  type ClusterMembership,
  type NodePorts,
} from './node-files.js';

export interface RabbitMqOptions {
  /** Folder of this node: configuration, cookie, data. Absolute path; created if missing. */
  home: string;
  logFile: string;
  /** Imported at each start; they replace what the node has stored. */
  definitions: RabbitMqDefinitions;
  /** Default: a free one. */
  amqpPort?: number;
  /** Switches the management plugin on; `port`: default a free one. */
  management?: boolean | { port: number };
  /** Default: only users of the definitions log in. The management plugin then keeps no statistics. */
  keyLogin?: KeyLogin | undefined;
  /** Lines of rabbitmq.conf that replace the defaults. */
  settings?: Record<string, string>;
  /** How often quorum queues count their messages for the management API, ms; RabbitMQ's default is 5,000. */
  quorumCountMs?: number;
  /** Default: the node is alone. See `startRabbitMqCluster`. */
  membership?: ClusterMembership;
  /** Default 90 s. */
  startDeadlineMs?: number;
  onProgress?: OnProgress;
}

export interface RabbitMqNode extends ServerProcess {
  amqpPort: number;
  managementPort?: number;
  /** Runs `rabbitmqctl` with these arguments and returns its output. Takes seconds of CPU: it starts an Erlang VM. */
  control: (...args: string[]) => Promise<string>;
}

const LABEL = 'RabbitMQ';

/** A private RabbitMQ node on 127.0.0.1, ready for clients. Throws {@link LocalInfraError}. */
export async function startRabbitMq(options: RabbitMqOptions): Promise<RabbitMqNode> {
  const {
    home,
    logFile,
    definitions,
    settings = {},
    keyLogin,
    quorumCountMs,
    membership,
    startDeadlineMs = 90_000,
    onProgress,
  } = options;
  requireUsableHome(home);
  const installation = await findRabbitMq();
  if (!installation)
    throw new LocalInfraError(
      'not-installed',
      'No RabbitMQ server found on this machine. Install the package rabbitmq-server.',
    );
  await mkdir(home, { recursive: true, mode: 0o700 });
  refuseSecondServer(LABEL, home);
  await requireDiskSpace(LABEL, home, DISK_FREE_LIMIT_MIB * 4);

  const ports: NodePorts = {
    amqp: await requirePort(LABEL, options.amqpPort),
    distribution: await freePort(),
    management: await managementPort(options.management),
  };
  await writeNodeFiles({ home, definitions, ports, settings, keyLogin, membership, quorumCountMs });
  const { serverScript } = installation;
  const links = await makeBootLinks({ home, serverScript, plugins: pluginsOf({ ports, keyLogin }) });
  onProgress?.(`starting RabbitMQ ${installation.version ?? ''}`.trim());
  const node = await launch({
    label: LABEL,
    home,
    logFile,
    command: serverScript,
    args: [],
    env: nodeEnvironment(home, ports, { links, membership }),
    stop: { signal: 'SIGTERM', graceMs: 15_000 },
  });
  const isReady = async (): Promise<boolean> =>
    (await greetsAmqp(ports.amqp, membership?.firstNode ?? nodeNameOf(home))) &&
    (ports.management === undefined || (await answersHttp(ports.management)));
  await waitForStart(node, { label: LABEL, logFile, deadlineMs: startDeadlineMs, isReady });

  const { pid, startedAt, host, exited, stop, kill, pause, resume } = node;
  const control = (...args: string[]): Promise<string> =>
    runRabbitMqCtl({ home, ports, serverScript, args, membership });
  return {
    pid,
    startedAt,
    host,
    exited,
    stop,
    kill,
    pause,
    resume,
    control,
    amqpPort: ports.amqp,
    ...(ports.management !== undefined && { managementPort: ports.management }),
  };
}

async function managementPort(wanted: RabbitMqOptions['management']): Promise<number | undefined> {
  if (wanted === undefined || wanted === false) return undefined;
  return requirePort(LABEL, wanted === true ? undefined : wanted.port);
}

async function answersHttp(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/api/overview`).then(
    ({ status }) => status === 401,
    () => false,
  );
}
