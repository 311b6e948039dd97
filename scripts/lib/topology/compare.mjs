// @ts-check
/** @typedef {import('@signalbox/contracts/messages').TopologyContract} Declared */
/** @typedef {Record<string, string | number | boolean>} Arguments */
/**
 * What a broker has in one virtual host.
 * @typedef {{
 *   exchanges: { name: string, type: string }[],
 *   queues: { name: string, durable: boolean, arguments: Arguments, messages: number, consumers: number }[],
 *   bindings: { exchange: string, queue: string, key: string }[],
 *   exchangeBindings: { exchange: string, destination: string, key: string }[],
 * }} Live
 */

/** @param {{ exchange: string, key: string } & ({ queue: string } | { destination: string })} binding */
const described = ({ exchange, key, ...to }) =>
  `binding ${exchange} --${key || '(empty)'}--> ${'queue' in to ? to.queue : `exchange ${to.destination}`}`;

/** @param {Declared | Live} topology */
const bindingsOf = ({ bindings, exchangeBindings = [] }) =>
  [...bindings, ...exchangeBindings].filter(({ exchange }) => exchange !== '').map(described);

/**
 * @param {Declared} declared
 * @param {Live} live
 * @returns {{ missing: string[], different: string[] }} what the broker does not have, and what it has with other properties
 */
export function lacking(declared, live) {
  const missing = [];
  const different = [];
  for (const { name, type } of declared.exchanges) {
    const found = live.exchanges.find((each) => each.name === name);
    if (!found) missing.push(`exchange ${name}`);
    else if (found.type !== type) different.push(`exchange ${name}: its type is ${found.type}, declared is ${type}`);
  }
  for (const { name, durable, arguments: wanted = {} } of declared.queues) {
    const found = live.queues.find((each) => each.name === name);
    if (!found) missing.push(`queue ${name}`);
    else if (found.durable !== durable) different.push(`queue ${name}: it is ${found.durable ? '' : 'not '}durable`);
    else different.push(...otherArguments(wanted, found.arguments).map((text) => `queue ${name}: ${text}`));
  }
  const bound = new Set(bindingsOf(live));
  missing.push(...bindingsOf(declared).filter((text) => !bound.has(text)));
  return { missing, different };
}

/** @param {Arguments} wanted @param {Arguments} found @returns {string[]} */
function otherArguments(wanted, found) {
  // RabbitMQ adds the type of a classic queue by itself.
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  if (!('x-queue-type' in wanted) && found['x-queue-type'] === 'classic') names.delete('x-queue-type');
  return [...names]
    .filter((name) => wanted[name] !== found[name])
    .map((name) => `${name} is ${found[name] ?? 'not set'}, declared is ${wanted[name] ?? 'nothing'}`);
}

/**
 * @param {Declared} declared
 * @param {Live} live
 * @returns {{ exchanges: string[], queues: Live['queues'], bindings: string[] }} what the broker has beside what the services declare;
 *   bindings of such queues are among them
 */
export function beside(declared, live) {
  const names = new Set([...declared.exchanges, ...declared.queues].map(({ name }) => name));
  const known = new Set(bindingsOf(declared));
  return {
    // The broker's own exchanges are in each virtual host.
    exchanges: live.exchanges.map(({ name }) => name).filter((name) => !/^(amq\..*)?$/.test(name) && !names.has(name)),
    queues: live.queues.filter(({ name }) => !names.has(name)),
    bindings: bindingsOf(live).filter((text) => !known.has(text)),
  };
}

/** @param {Live} live @returns {string[]} the dataplanes whose queues are there */
export function dataplanesIn({ queues }) {
  return queues.flatMap(({ name }) => /^dataplane\.([a-z\d-]+)\.control$/.exec(name)?.[1] ?? []);
}

/** @param {Pick<Live, 'exchanges'>} live @returns {number[]} the partitions of readers that are there; the first one always is to be */
export function partitionsIn({ exchanges }) {
  const numbers = exchanges.flatMap(({ name }) => /^signalbox\.heartbeats\.p\.(\d+)$/.exec(name)?.[1] ?? []);
  return [...new Set([0, ...numbers.map(Number)])];
}
