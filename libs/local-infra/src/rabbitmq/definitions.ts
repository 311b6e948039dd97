import { createHash, randomBytes } from 'node:crypto';

export interface RabbitMqUser {
  name: string;
  password: string;
  /** Regular expressions over names of exchanges and queues, in RabbitMQ's syntax; '' permits nothing. */
  configure: string;
  write: string;
  read: string;
  tags?: string[];
}

/** Arguments for queues of others: RabbitMQ gives them to each queue whose name matches, whatever it was declared with. */
export interface QueuePolicy {
  name: string;
  /** Regular expression over names of queues. */
  pattern: string;
  definition: Record<string, number | string>;
}

/** Exchanges, queues and bindings that exist before the first client connects. Exchanges are durable. */
export interface DefinedTopology {
  exchanges: readonly { name: string; type: string }[];
  queues: readonly { name: string; durable: boolean; arguments?: Readonly<Record<string, unknown>> }[];
  bindings: readonly { exchange: string; queue: string; key: string }[];
}

/** The JSON of a RabbitMQ definitions file. It contains hashes, no passwords. */
export interface RabbitMqDefinitions extends ImportedTopology {
  vhosts: { name: string }[];
  users: { name: string; password_hash: string; hashing_algorithm: 'rabbit_password_hashing_sha256'; tags: string[] }[];
  permissions: { user: string; vhost: string; configure: string; write: string; read: string }[];
  policies: (QueuePolicy & { vhost: string; 'apply-to': 'queues'; priority: number })[];
}

/** A topology in RabbitMQ's own form. */
interface ImportedTopology {
  exchanges: { name: string; vhost: string; type: string; durable: boolean; auto_delete: boolean; arguments: object }[];
  queues: { name: string; vhost: string; durable: boolean; auto_delete: boolean; arguments: object }[];
  bindings: {
    source: string;
    vhost: string;
    destination: string;
    destination_type: 'queue';
    routing_key: string;
    arguments: object;
  }[];
}

export interface DefinitionsOptions {
  vhost: string;
  users: RabbitMqUser[];
  policies?: readonly QueuePolicy[];
  /** Default: nothing, clients declare what they use. */
  topology?: DefinedTopology;
}

const NOTHING: DefinedTopology = { exchanges: [], queues: [], bindings: [] };

/** One vhost, the users with permissions in it, its policies and its topology. A node that imports definitions creates no `guest` user. */
export function rabbitMqDefinitions(options: DefinitionsOptions): RabbitMqDefinitions {
  const { vhost, users, policies = [], topology = NOTHING } = options;
  return {
    vhosts: [{ name: vhost }],
    users: users.map(({ name, password, tags = [] }) => ({
      name,
      password_hash: hashPassword(password),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags,
    })),
    permissions: users.map(({ name, configure, write, read }) => ({ user: name, vhost, configure, write, read })),
    policies: policies.map((policy) => ({ ...policy, vhost, 'apply-to': 'queues', priority: 0 })),
    ...imported(topology, vhost),
  };
}

function imported({ exchanges, queues, bindings }: DefinedTopology, vhost: string): ImportedTopology {
  const kept = { vhost, durable: true, auto_delete: false };
  return {
    exchanges: exchanges.map(({ name, type }) => ({ ...kept, name, type, arguments: {} })),
    queues: queues.map(({ name, durable, arguments: args = {} }) => ({ ...kept, name, durable, arguments: args })),
    bindings: bindings.map(({ exchange, queue, key }) => ({
      vhost,
      source: exchange,
      destination: queue,
      destination_type: 'queue',
      routing_key: key,
      arguments: {},
    })),
  };
}

/** RabbitMQ's own form: base64 of a 4-byte salt and the SHA-256 of salt and password. */
function hashPassword(password: string): string {
  const salt = randomBytes(4);
  const hash = createHash('sha256').update(salt).update(password, 'utf8').digest();
  return Buffer.concat([salt, hash]).toString('base64');
}
