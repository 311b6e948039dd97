import { createHash, randomBytes } from 'node:crypto';

export interface RabbitMqUser {
  name: string;
  password: string;
  /** Regular expressions over names of exchanges and queues, in RabbitMQ's syntax; '' permits nothing. */
  configure: string;
  write: string;
  read: string;
  /** For exchanges of type `topic`, at most one each. On another exchange every key is permitted. */
  topics?: readonly TopicPermission[];
  tags?: readonly string[];
}

/** Which keys a user may publish with (`write`) and bind with (`read`) at one exchange: regular expressions. */
export interface TopicPermission {
  exchange: string;
  write: string;
  read: string;
}

/** Arguments for queues of others: RabbitMQ gives them to each queue whose name matches, whatever it was declared with. */
export interface QueuePolicy {
  name: string;
  /** Regular expression over names of queues. */
  pattern: string;
  definition: Record<string, number | string>;
}

/** Exchanges, queues and bindings that the node makes where they are missing. */
export interface DefinedTopology {
  exchanges: readonly { readonly name: string; readonly type: string; readonly alternate?: string }[];
  queues: readonly {
    readonly name: string;
    readonly durable: boolean;
    readonly arguments?: Arguments;
  }[];
  bindings: readonly { readonly exchange: string; readonly queue: string; readonly key: string }[];
  exchangeBindings?: readonly { readonly exchange: string; readonly destination: string; readonly key: string }[];
}

type Arguments = Readonly<Record<string, string | number | boolean>>;

/** The JSON of a RabbitMQ definitions file. It contains hashes, no passwords. */
export interface RabbitMqDefinitions {
  vhosts: { name: string }[];
  users: {
    name: string;
    password_hash: string;
    hashing_algorithm: 'rabbit_password_hashing_sha256';
    tags: readonly string[];
  }[];
  permissions: { user: string; vhost: string; configure: string; write: string; read: string }[];
  topic_permissions: (TopicPermission & { user: string; vhost: string })[];
  policies: (QueuePolicy & { vhost: string; 'apply-to': 'queues'; priority: number })[];
  exchanges: {
    name: string;
    vhost: string;
    type: string;
    durable: true;
    auto_delete: false;
    internal: false;
    arguments: Arguments;
  }[];
  queues: { name: string; vhost: string; durable: boolean; auto_delete: false; arguments: Arguments }[];
  bindings: {
    source: string;
    vhost: string;
    destination: string;
    destination_type: 'queue' | 'exchange';
    routing_key: string;
    arguments: Arguments;
  }[];
}

export interface DefinitionsOptions {
  vhost: string;
  users: RabbitMqUser[];
  policies?: readonly QueuePolicy[];
  topology?: DefinedTopology;
}

const NO_TOPOLOGY: DefinedTopology = { exchanges: [], queues: [], bindings: [] };

/**
 * One vhost, the users with permissions in it, its policies and what is to be there. A node that imports definitions creates no `guest`
 * user.
 */
export function rabbitMqDefinitions({
  vhost,
  users,
  policies = [],
  topology = NO_TOPOLOGY,
}: DefinitionsOptions): RabbitMqDefinitions {
  return {
    vhosts: [{ name: vhost }],
    users: users.map(({ name, password, tags = [] }) => ({
      name,
      password_hash: hashPassword(password),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags,
    })),
    permissions: users.map(({ name, configure, write, read }) => ({ user: name, vhost, configure, write, read })),
    topic_permissions: users.flatMap(({ name: user, topics = [] }) =>
      topics.map((topic) => ({ user, vhost, ...topic })),
    ),
    policies: policies.map((policy) => ({ ...policy, vhost, 'apply-to': 'queues', priority: 0 })),
    exchanges: topology.exchanges.map(({ name, type, alternate }) => ({
      name,
      vhost,
      type,
      durable: true,
      auto_delete: false,
      internal: false,
      arguments: alternate === undefined ? {} : { 'alternate-exchange': alternate },
    })),
    queues: topology.queues.map(({ name, durable, arguments: args = {} }) => ({
      name,
      vhost,
      durable,
      auto_delete: false,
      arguments: args,
    })),
    bindings: [
      ...(topology.exchangeBindings ?? []).map(({ exchange, destination, key }) => ({
        source: exchange,
        vhost,
        destination,
        destination_type: 'exchange' as const,
        routing_key: key,
        arguments: {},
      })),
      ...topology.bindings.map(({ exchange, queue, key }) => ({
        source: exchange,
        vhost,
        destination: queue,
        destination_type: 'queue' as const,
        routing_key: key,
        arguments: {},
      })),
    ],
  };
}

/** RabbitMQ's own form: base64 of a 4-byte salt and the SHA-256 of salt and password. */
function hashPassword(password: string): string {
  const salt = randomBytes(4);
  const hash = createHash('sha256').update(salt).update(password, 'utf8').digest();
  return Buffer.concat([salt, hash]).toString('base64');
}
