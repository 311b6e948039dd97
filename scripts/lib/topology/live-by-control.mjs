// @ts-check
import { join } from 'node:path';
import { controlRabbitMq, findRunningServer } from '@signalbox/local-infra';
import { vhostOf } from '@signalbox/messaging';
import { Failure } from '../base/failure.mjs';
import { Progress } from '../base/progress.mjs';

/** @typedef {import('./compare.mjs').Live} Live */

/**
 * What the node of `npm start` has, by rabbitmqctl.
 * @param {{ home: import('../base/home.mjs').Home, url: string }} broker
 * @returns {Promise<Live>}
 * @throws {Failure} where no such node runs
 */
export async function liveByControl({ home, url }) {
  const node = join(home.path, 'rabbitmq');
  if (!findRunningServer(node))
    throw new Failure(`no RabbitMQ node runs from ${node}`, {
      wayOut:
        'Start Signalbox with `npm start`, or give the management API of your broker: --management http://user:password@host:15672',
    });
  const vhost = vhostOf(url);
  /** @param {string} what @param {string[]} columns @returns {Promise<any[]>} */
  const list = async (what, columns) =>
    JSON.parse(await controlRabbitMq(node, `list_${what}`, ...columns, '-p', vhost, '--formatter', 'json'));
  // Each starts an Erlang of its own, which takes seconds.
  const asking = { doing: 'asking RabbitMQ (rabbitmqctl)', done: () => undefined };
  const [exchanges, queues, bindings] = await new Progress(process.stderr).step(asking, () =>
    Promise.all([
      list('exchanges', ['name', 'type']),
      list('queues', ['name', 'durable', 'arguments', 'messages', 'consumers']),
      list('bindings', ['source_name', 'destination_name', 'destination_kind', 'routing_key']),
    ]),
  );
  return {
    exchanges,
    queues: queues.map((queue) => ({ ...queue, arguments: argumentsOf(queue.arguments) })),
    bindings: bindings
      .filter(({ destination_kind }) => destination_kind === 'queue')
      .map(({ source_name, destination_name, routing_key }) => ({
        exchange: source_name,
        queue: destination_name,
        key: routing_key,
      })),
    exchangeBindings: bindings
      .filter(({ destination_kind }) => destination_kind === 'exchange')
      .map(({ source_name, destination_name, routing_key }) => ({
        exchange: source_name,
        destination: destination_name,
        key: routing_key,
      })),
  };
}

/** @param {[name: string, type: string, value: string | number | boolean][]} table as Erlang has it */
const argumentsOf = (table) => Object.fromEntries(table.map(([name, , value]) => [name, value]));
