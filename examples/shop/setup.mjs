// Makes the database of the sample shop on a Postgres server, with its owner and the role that Signalbox follows it with. May be run again.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { fail, readPositionals } from '../lib/options.mjs';
import { postgresUrl } from '../lib/postgres-url.mjs';

readPositionals(`Usage: node examples/shop/setup.mjs

  SHOP_ADMIN_URL             a superuser of the server
  SHOP_PASSWORD              of the role shop
  SHOP_REPLICATOR_PASSWORD   of the role shop_replicator
  SHOP_READER_PASSWORD       of the role shop_reader, which may only read`);

const { SHOP_ADMIN_URL, SHOP_PASSWORD, SHOP_REPLICATOR_PASSWORD, SHOP_READER_PASSWORD } = process.env;
if (!SHOP_ADMIN_URL || !SHOP_PASSWORD || !SHOP_REPLICATOR_PASSWORD || !SHOP_READER_PASSWORD)
  fail('Set SHOP_ADMIN_URL, SHOP_PASSWORD, SHOP_REPLICATOR_PASSWORD and SHOP_READER_PASSWORD.');
const adminUrl = postgresUrl('SHOP_ADMIN_URL');

await withClient(adminUrl, async (client) => {
  await makeRole(client, 'shop', 'LOGIN', SHOP_PASSWORD);
  await makeRole(client, 'shop_replicator', 'LOGIN REPLICATION', SHOP_REPLICATOR_PASSWORD);
  await makeRole(client, 'shop_reader', 'LOGIN', SHOP_READER_PASSWORD);
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = 'shop'");
  if (rowCount === 0) await client.query("CREATE DATABASE shop OWNER shop ENCODING 'UTF8' TEMPLATE template0");
  await client.query('REVOKE ALL ON DATABASE shop FROM PUBLIC');
  await client.query('GRANT CONNECT ON DATABASE shop TO shop_replicator, shop_reader');
});

const url = new URL(adminUrl);
Object.assign(url, { username: 'shop', password: encodeURIComponent(SHOP_PASSWORD), pathname: '/shop' });
await withClient(url.href, async (client) => {
  for (const file of ['shop.sql', '../endpoint/outbox.sql'])
    await client.query(readFileSync(new URL(file, import.meta.url), 'utf8'));
  // What the sample dataplane may look at.
  await client.query('GRANT USAGE ON SCHEMA public TO shop_reader');
  await client.query('GRANT SELECT ON customers, orders, order_items TO shop_reader');
});
console.log('The database shop is prepared.');

async function makeRole(client, name, rights, password) {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${name} ${rights} PASSWORD ${pg.escapeLiteral(password)}`);
}

async function withClient(connectionString, work) {
  const client = new pg.Client({ connectionString, application_name: 'shop-setup', connectionTimeoutMillis: 10_000 });
  // Its text has the host, the role and the database, and no password.
  await client.connect().catch((error) => fail(`The server of SHOP_ADMIN_URL: ${error.message || error.code}`));
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
