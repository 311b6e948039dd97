// The sample shop at work: about once a second it changes a few rows. It deletes as much as it adds, so that the tables stay small.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { fail, readPositionals } from '../lib/options.mjs';
import { postgresUrl } from '../lib/postgres-url.mjs';

readPositionals(`Usage: node examples/shop/writer.mjs

  SHOP_URL   the database of the shop, as its owner`);
if (!process.env.SHOP_URL) fail('Set SHOP_URL.');
const connectionString = postgresUrl('SHOP_URL');

const mostCustomers = 50;
const mostOrders = 200;
const mostEvents = 10_000;

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopped.abort());

const pool = new pg.Pool({ connectionString, max: 1, application_name: 'shop-writer' });
// A connection that is lost while it is not used; the next query opens another.
pool.on('error', () => {});

const anyOf = (list) => list[Math.floor(Math.random() * list.length)];

async function newCustomer(client) {
  const name = `${anyOf(['Green', 'Blue', 'North', 'Lake'])} ${anyOf(['Bakery', 'Flowers', 'Garage', 'Studio'])}`;
  await client.query('INSERT INTO customers (name, tags, avatar) VALUES ($1, $2, $3)', [
    name,
    [anyOf(['new', 'returning']), anyOf(['retail', 'trade'])],
    Buffer.from([0, 255, 16]),
  ]);
  await client.query(
    'DELETE FROM customers WHERE id IN (SELECT id FROM customers ORDER BY joined DESC, id OFFSET $1)',
    [mostCustomers],
  );
}

async function newOrder(client) {
  const items = Array.from({ length: 1 + Math.floor(Math.random() * 3) }, (_, index) => ({
    line: index + 1,
    sku: anyOf(['tea', 'cup', 'pot', 'tin']),
    quantity: 1 + Math.floor(Math.random() * 5),
    price: (1 + Math.random() * 50).toFixed(2),
  }));
  const total = items.reduce((sum, { quantity, price }) => sum + quantity * Number(price), 0).toFixed(2);
  const { rows } = await client.query(
    `INSERT INTO orders (customer_id, total, details)
     SELECT id, $1, $2 FROM customers ORDER BY random() LIMIT 1 RETURNING id`,
    [total, { gift: Math.random() < 0.2 }],
  );
  for (const { line, sku, quantity, price } of items)
    await client.query('INSERT INTO order_items VALUES ($1, $2, $3, $4, $5)', [rows[0].id, line, sku, quantity, price]);
  await client.query('DELETE FROM orders WHERE id IN (SELECT id FROM orders ORDER BY id DESC OFFSET $1)', [mostOrders]);
}

async function nextStep(client) {
  await client.query(
    `UPDATE orders SET status = CASE status WHEN 'placed' THEN 'paid' ELSE 'shipped' END
     WHERE id = (SELECT id FROM orders WHERE status <> 'shipped' ORDER BY random() LIMIT 1)`,
  );
}

async function change() {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('SELECT count(*)::int AS customers FROM customers');
    if (rows[0].customers < 5 || Math.random() < 0.05) await newCustomer(client);
    await (Math.random() < 0.5 ? newOrder : nextStep)(client);
    // A reader that was stopped for longer has to start from the beginning.
    await client.query('DELETE FROM events.outbox WHERE position <= (SELECT max(position) FROM events.outbox) - $1', [
      mostEvents,
    ]);
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

while (!stopped.signal.aborted) {
  await change().catch((error) => console.error(`${new Date().toISOString()} no change: ${error.code ?? error.name}`));
  await sleep(700 + Math.random() * 600, undefined, { signal: stopped.signal }).catch(() => {});
}
await pool.end();
