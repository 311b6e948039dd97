import type { QueueSpec, Topology } from './topology.js';

/** The topology as aligned text for people: exchanges, then queues, then bindings, each in the order given. */
export function formatTopology({ exchanges, queues, bindings, exchangeBindings = [] }: Topology): string {
  return [
    section(
      'exchanges',
      exchanges.map(({ name, type, alternate }) => [name, type, 'durable', alternate ? `else ${alternate}` : '']),
    ),
    section(
      'queues',
      queues.map((queue) => [queue.name, traits(queue), args(queue)]),
    ),
    section('bindings', [
      ...exchangeBindings.map(({ exchange, key, destination }) => [exchange, arrow(key), `exchange ${destination}`]),
      ...bindings.map(({ exchange, key, queue }) => [exchange, arrow(key), queue]),
    ]),
  ].join('\n');
}

const arrow = (key: string): string => `--${key || '(empty)'}-->`;

function traits({ durable, exclusive, autoDelete }: QueueSpec): string {
  return [durable ? 'durable' : 'transient', exclusive && 'exclusive', autoDelete && 'auto-delete']
    .filter(Boolean)
    .join(', ');
}

function args({ arguments: given = {} }: QueueSpec): string {
  return Object.entries(given)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

function section(title: string, rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  return [`${title} (${rows.length})`, ...lines, ''].join('\n');
}
