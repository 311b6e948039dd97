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

/** The JSON of a RabbitMQ definitions file. It contains hashes, no passwords. */
export interface RabbitMqDefinitions {
  vhosts: { name: string }[];
  users: { name: string; password_hash: string; hashing_algorithm: 'rabbit_password_hashing_sha256'; tags: string[] }[];
  permissions: { user: string; vhost: string; configure: string; write: string; read: string }[];
  policies: (QueuePolicy & { vhost: string; 'apply-to': 'queues'; priority: number })[];
}

export interface DefinitionsOptions {
  vhost: string;
  users: RabbitMqUser[];
  policies?: readonly QueuePolicy[];
}

/** One vhost, the users with permissions in it, and its policies. A node that imports definitions creates no `guest` user. */
export function rabbitMqDefinitions({ vhost, users, policies = [] }: DefinitionsOptions): RabbitMqDefinitions {
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
  };
}

/** RabbitMQ's own form: base64 of a 4-byte salt and the SHA-256 of salt and password. */
function hashPassword(password: string): string {
  const salt = randomBytes(4);
  const hash = createHash('sha256').update(salt).update(password, 'utf8').digest();
  return Buffer.concat([salt, hash]).toString('base64');
}
