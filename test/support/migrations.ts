import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { migrate } from '@signalbox/persistence';
import { checkout } from './script-run.js';

type Migrations = Extract<Parameters<typeof migrate>[0]['migrations'], readonly unknown[]>;

/** Of a service, from its compiled code. */
export async function migrationsOf(service: string): Promise<Migrations> {
  const file = pathToFileURL(join(checkout, 'apps', service, 'dist/database/data-source.js')).href;
  return ((await import(file)) as { migrations: Migrations }).migrations;
}
