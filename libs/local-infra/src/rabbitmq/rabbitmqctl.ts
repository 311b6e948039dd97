import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { LocalInfraError } from '../local-infra.error.js';
import { findRabbitMq } from './find-rabbitmq.js';
import {
  NO_BUSY_WAITING,
  nodeEnvironment,
  nodeNameOf,
  portsOfNode,
  type ClusterMembership,
  type NodePorts,
} from './node-files.js';

/** It starts an Erlang of its own, which needs a second of CPU time: a busy machine has it late. */
const LONGEST_MS = 120_000;

export interface RabbitMqCtl {
  home: string;
  ports: NodePorts;
  /** The start script of the installation: `rabbitmqctl` is in the same folder. */
  serverScript: string;
  args: string[];
  /** Of a node that is one of several: some commands ask all of them. */
  membership?: ClusterMembership | undefined;
}

/** Runs `rabbitmqctl` against a node, without epmd by the port of its Erlang distribution. Rejects if it fails. */
export async function runRabbitMqCtl({ home, ports, serverScript, args, membership }: RabbitMqCtl): Promise<string> {
  const { stdout } = await promisify(execFile)(
    path.join(path.dirname(serverScript), 'rabbitmqctl'),
    ['--quiet', '--node', nodeNameOf(home), ...args],
    {
      env: {
        ...nodeEnvironment(home, ports, { membership }),
        ERL_AFLAGS: '',
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '',
        RABBITMQ_CTL_ERL_ARGS: [
          '-start_epmd false -dist_listen false',
          NO_BUSY_WAITING,
          ...(membership ? [] : [`-erl_epmd_port ${ports.distribution}`]),
        ].join(' '),
      },
      timeout: LONGEST_MS,
      // SIGTERM ends it as if it had done its work.
      killSignal: 'SIGKILL',
    },
  );
  return stdout;
}

/** Runs `rabbitmqctl` against the node that another process has started in this home. */
export async function controlRabbitMq(home: string, ...args: string[]): Promise<string> {
  const installation = await findRabbitMq();
  if (!installation) throw new LocalInfraError('not-installed', 'No rabbitmqctl found on this machine.');
  return runRabbitMqCtl({ home, ports: await portsOfNode(home), serverScript: installation.serverScript, args });
}
