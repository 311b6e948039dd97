import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cleanEnvironment } from '../config.js';
import { LocalInfraError } from '../local-infra.error.js';
import { CLOSING_SETTINGS, KEY_LOGIN_PLUGINS, keyLoginSettings, type KeyLogin } from './key-login.js';
import type { BootLinks } from './boot-links.js';
import type { RabbitMqDefinitions } from './definitions.js';

export interface NodePorts {
  amqp: number;
  /** Erlang distribution: used by `rabbitmqctl`, and by the other nodes of a cluster. */
  distribution: number;
  management: number | undefined;
}

/** What a node needs to be one of several. */
export interface ClusterMembership {
  /** Where the nodes find each other: the port of the epmd of this cluster. */
  epmdPort: number;
  /** The name of the node that the others join when they start for the first time. */
  firstNode: string;
  /** The Erlang cookie, the same for all. */
  cookie: string;
}

export interface NodeFiles {
  home: string;
  definitions: RabbitMqDefinitions;
  ports: NodePorts;
  settings: Record<string, string>;
  keyLogin: KeyLogin | undefined;
  membership: ClusterMembership | undefined;
  quorumCountMs: number | undefined;
}

/** With less free disk the node blocks every publisher. It is checked with a margin before the start. */
export const DISK_FREE_LIMIT_MIB = 64;

/** Of one connection. A process of Signalbox has a channel for each of its consumers and publishers: a dozen, and three for each partition of readers. */
export const CHANNEL_MAX = 256;

/** Of one message. RabbitMQ 4 has it by default; RabbitMQ 3 takes 128 MiB, and a dozen of those are all the memory that it may use. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Options of an Erlang VM: its threads sleep as soon as they have no work, since other processes need the CPU. */
export const NO_BUSY_WAITING = '+sbwt none +sbwtdcpu none +sbwtdio none';

/** What `rabbitmqctl` needs to know of a node that another process has started. */
const PORTS_FILE = 'ports.json';

/** The ports of the last start of the node in this home. Rejects where there was none. */
export const portsOfNode = async (home: string): Promise<NodePorts> =>
  JSON.parse(await readFile(path.join(home, PORTS_FILE), 'utf8')) as NodePorts;

/** The Erlang node name, one for each home, so that several nodes can run at once. `localhost` needs no DNS. */
export function nodeNameOf(home: string): string {
  return `signalbox-${createHash('sha256').update(path.resolve(home)).digest('hex').slice(0, 10)}@localhost`;
}

/** RabbitMQ's scripts and configuration format do not support these characters in a path. */
export function requireUsableHome(home: string): void {
  const bad = /[*?^!\n[\]{}#"'\\]/.exec(home);
  if (path.isAbsolute(home) && !bad) return;
  throw new LocalInfraError(
    'unusable-home',
    `RabbitMQ cannot keep its data in ${home}: ${bad ? `the path contains "${bad[0]}"` : 'the path must be absolute'}. ` +
      'Set SIGNALBOX_HOME to a folder whose path has letters, digits, dots, dashes and slashes only.',
  );
}

export const pluginsOf = ({ ports, keyLogin }: Pick<NodeFiles, 'ports' | 'keyLogin'>): string[] => [
  'rabbitmq_consistent_hash_exchange',
  ...(ports.management === undefined ? [] : ['rabbitmq_management']),
  ...(keyLogin === undefined ? [] : KEY_LOGIN_PLUGINS),
];

/** Writes the files that the node reads when it boots. It imports the definitions at each boot, so that changed users apply. */
export async function writeNodeFiles(files: NodeFiles): Promise<void> {
  const { home, definitions, ports } = files;
  await mkdir(home, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string): Promise<void> => writeFile(path.join(home, name), text, { mode: 0o600 });
  await write('definitions.json', JSON.stringify(definitions, undefined, 2));
  await write(PORTS_FILE, JSON.stringify(ports));
  await write('enabled_plugins', `[${pluginsOf(files).join(',')}].\n`);
  await write('rabbitmq-env.conf', '');
  await write('rabbitmq.conf', configuration(files));
  await write('advanced.config', advancedConfiguration(files));
  await writeCookie(path.join(home, '.erlang.cookie'), files.membership?.cookie);
}

function configuration({ home, ports, settings, keyLogin, membership }: NodeFiles): string {
  const all: Record<string, string> = {
    'listeners.tcp.local': `127.0.0.1:${ports.amqp}`,
    ...(ports.management !== undefined && {
      'management.tcp.ip': '127.0.0.1',
      'management.tcp.port': String(ports.management),
    }),
    load_definitions: path.join(home, 'definitions.json'),
    cluster_name: membership?.firstNode ?? nodeNameOf(home),
    'log.console': 'true',
    'log.console.level': 'info',
    // Not `warning`: the check whether the node is up ends its connection after the greeting, as a client that has crashed does.
    'log.connection.level': 'error',
    'log.file': 'false',
    channel_max: String(CHANNEL_MAX),
    max_message_size: String(MAX_MESSAGE_BYTES),
    'vm_memory_high_watermark.absolute': '1GiB',
    'disk_free_limit.absolute': `${DISK_FREE_LIMIT_MIB}MiB`,
    'raft.wal_max_size_bytes': String(32 * 1024 * 1024), // 512 MiB by default, kept on disk and in memory
    ...(keyLogin && keyLoginSettings(keyLogin)),
    ...(membership && clusterSettings(home, membership)),
    ...(keyLogin && ports.management !== undefined && CLOSING_SETTINGS),
    ...settings,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');
}

/**
 * What was on its way from a retry queue to a node that ends is published again after this: by default after three minutes, for which a
 * command that failed would wait.
 */
const DEAD_LETTER_CONFIRM_MS = 10_000;

/** What `rabbitmq.conf` has no key for. */
function advancedConfiguration({ quorumCountMs }: NodeFiles): string {
  const settings = {
    dead_letter_worker_publisher_confirm_timeout: DEAD_LETTER_CONFIRM_MS,
    ...(quorumCountMs !== undefined && { quorum_tick_interval: quorumCountMs }),
  };
  return `[{rabbit, [${Object.entries(settings)
    .map(([name, value]) => `{${name}, ${value}}`)
    .join(', ')}]}].\n`;
}

/** A node that has been in the cluster before does not look at the nodes. */
const clusterSettings = (home: string, { firstNode }: ClusterMembership): Record<string, string> => ({
  'cluster_formation.peer_discovery_backend': 'classic_config',
  'cluster_formation.classic_config.nodes.1': firstNode,
  ...(nodeNameOf(home) !== firstNode && { 'cluster_formation.classic_config.nodes.2': nodeNameOf(home) }),
});

/** Erlang refuses a cookie that others can read, and its own default can be guessed. An existing one is kept: running tools may use it. */
async function writeCookie(file: string, cookie = randomBytes(24).toString('hex')): Promise<void> {
  const known = await access(file).then(
    () => true,
    () => false,
  );
  if (!known) await writeFile(file, cookie, { mode: 0o400 });
}

/** The node's environment: all of its files are in its home, none in the system's folders. */
export function nodeEnvironment(
  home: string,
  ports: NodePorts,
  { links, membership }: { links?: BootLinks | undefined; membership?: ClusterMembership | undefined } = {},
): Record<string, string> {
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
    // Each thread may run on any core. Bound to cores, as RabbitMQ has it by default, the threads of all nodes of a machine share the first ones.
    RABBITMQ_SCHEDULER_BIND_TYPE: 'u',
    // The script then executes the Erlang VM in its place: the pid of the child is the node's own.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_START_ARGS: '-noinput +B i',
    ...(links && { RABBITMQ_PLUGINS_DIR: links.plugins }),
    ...distribution(home, ports, { modules: links?.modules, epmdPort: membership?.epmdPort }),
  });
}

/**
 * Erlang's port mapper (epmd) is a daemon that would keep running. A node that starts its distribution first, on a
 * known port, needs none. The nodes of a cluster ask one that was started for them. ERL_AFLAGS also apply to the helper VMs that the
 * node starts.
 */
function distribution(
  home: string,
  ports: NodePorts,
  { modules, epmdPort }: { modules: string | undefined; epmdPort: number | undefined },
): Record<string, string> {
  return {
    ERL_AFLAGS: '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
    ...(epmdPort !== undefined && { ERL_EPMD_PORT: String(epmdPort) }),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
      `-sname ${nodeNameOf(home)}`,
      epmdPort === undefined
        ? `-erl_epmd_port ${ports.distribution}`
        : `-kernel inet_dist_listen_min ${ports.distribution} inet_dist_listen_max ${ports.distribution}`,
      NO_BUSY_WAITING,
      ...(modules === undefined ? [] : [`-pa ${modules}`]),
    ].join(' '),
  };
}
