export interface AmqpAddress {
  /** Default 127.0.0.1. */
  host?: string;
  port: number;
  user: string;
  password: string;
  vhost: string;
}

export interface PostgresAddress {
  /** Default 127.0.0.1. */
  host?: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

export function amqpUrl({ host = '127.0.0.1', port, user, password, vhost }: AmqpAddress): string {
  return `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${encodeURIComponent(vhost)}`;
}

export function postgresUrl({ host = '127.0.0.1', port, user, password, database }: PostgresAddress): string {
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${encodeURIComponent(database)}`;
}
