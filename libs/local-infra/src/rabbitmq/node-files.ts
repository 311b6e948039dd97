import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cleanEnvironment } from '../config.js';
import { LocalInfraError } from '../local-infra.error.js';
import type { RabbitMqDefinitions } from './definitions.js';

export interface NodePorts {
  amqp: number;
  /** Erlang distribution: used by `rabbitmqctl` only. */
  distribution: number;
  management: number | undefined;
}

export interface NodeFiles {
  home: string;
  definitions: RabbitMqDefinitions;
  ports: NodePorts;
  settings: Record<string, string>;
}

/** Below this the node blocks every publisher; checked with a margin before it starts. */
export const DISK_FREE_LIMIT_MIB = 64;

/** Erlang's node name, one per home, so that several nodes run at once. `localhost` needs no name service. */
export function nodeNameOf(home: string): string {
  return `signalbox-${createHash('sha256').update(path.resolve(home)).digest('hex').slice(0, 10)}@localhost`;
}

/** RabbitMQ's scripts and configuration format cannot take these in a path. */
export function requireUsableHome(home: string): void {
  const bad = /[*?^!\n[\]{}#"'\\]/.exec(home);
  if (path.isAbsolute(home) && !bad) return;
  throw new LocalInfraError(
    'unusable-home',
    `RabbitMQ cannot keep its data in ${home}: ${bad ? `the path holds "${bad[0]}"` : 'the path must be absolute'}. ` +
      'Set SIGNALBOX_HOME to a folder whose path has letters, digits, dots, dashes and slashes only.',
  );
}

/** Writes what the node reads at boot. Definitions are imported at each boot, so changed users are applied. */
export async function writeNodeFiles({ home, definitions, ports, settings }: NodeFiles): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string): Promise<void> => writeFile(path.join(home, name), text, { mode: 0o600 });
  const plugins = [
    'rabbitmq_consistent_hash_exchange',
    ...(ports.management === undefined ? [] : ['rabbitmq_management']),
  ];
  await write('definitions.json', JSON.stringify(definitions, undefined, 2));
  await write('enabled_plugins', `[${plugins.join(',')}].\n`);
  await write('rabbitmq-env.conf', '');
  await write('rabbitmq.conf', configuration({ home, definitions, ports, settings }));
  await writeCookie(path.join(home, '.erlang.cookie'));
}

function configuration({ home, ports, settings }: NodeFiles): string {
  const all: Record<string, string> = {
    'listeners.tcp.local': `127.0.0.1:${ports.amqp}`,
    ...(ports.management !== undefined && {
      'management.tcp.ip': '127.0.0.1',
      'management.tcp.port': String(ports.management),
    }),
    load_definitions: path.join(home, 'definitions.json'),
    cluster_name: nodeNameOf(home),
    'log.console': 'true',
    'log.console.level': 'info',
    'log.connection.level': 'warning',
    'log.file': 'false',
    'vm_memory_high_watermark.absolute': '1GiB',
    'disk_free_limit.absolute': `${DISK_FREE_LIMIT_MIB}MiB`,
    'raft.wal_max_size_bytes': String(32 * 1024 * 1024), // 512 MiB by default, kept on disk and in memory
    ...settings,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');
}

/** Erlang refuses a cookie others can read, and makes a guessable one itself. Kept: running tools may know it. */
async function writeCookie(file: string): Promise<void> {
  const known = await access(file).then(
    () => true,
    () => false,
  );
  if (!known) await writeFile(file, randomBytes(24).toString('hex'), { mode: 0o400 });
}

/** The node's environment: every place it would otherwise look for files of the system is moved into its home. */
export function nodeEnvironment(home: string, ports: NodePorts): Record<string, string> {
  const file = (name: string): string => path.join(home, name);
  return cleanEnvironment({
    HOME: home,
    RABBITMQ_NODENAME: nodeNameOf(home),
    RABBITMQ_CONF_ENV_FILE: file('rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
    RABBITMQ_CONFIG_FILES: file('conf.d'),
    RABBITMQ_ADVANCED_CONFIG_FILE: file('advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins'),
    RABBITMQ_MNESIA_BASE: file('data'),
    RABBITMQ_LOG_BASE: file('log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_PLUGINS_EXPAND_DIR: file('plugins-expand'),
    RABBITMQ_GENERATED_CONFIG_DIR: file('generated'),
    RABBITMQ_SCHEMA_DIR: file('schema'),
    RABBITMQ_PID_FILE: file('rabbitmq.pid'),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    ERL_CRASH_DUMP_SECONDS: '0',
    // The script then becomes the Erlang VM instead of standing before it: the pid we know is the node's own.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_START_ARGS: '-noinput +B i',
    ...withoutEpmd(home, ports),
  });
}

/**
 * Erlang's port mapper is a daemon that would stay behind. A node whose distribution is up before RabbitMQ looks, at a
 * port that is known, needs none. The flags of ERL_AFLAGS hold for helper VMs the node starts as well.
 */
function withoutEpmd(home: string, ports: NodePorts): Record<string, string> {
  return {
    ERL_AFLAGS: '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
      `-sname ${nodeNameOf(home)}`,
      `-erl_epmd_port ${ports.distribution}`,
      '+sbwt none +sbwtdcpu none +sbwtdio none', // no busy waiting: the machine is shared with all of Signalbox
    ].join(' '),
  };
}
