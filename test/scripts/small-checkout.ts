import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkout } from '../support/script-run.js';

const service = `
import http from 'node:http';
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
http.createServer().listen(0, '127.0.0.1', () => process.send({ type: 'ready', managementPort: 1 }));
`;

const gateway = `
import http from 'node:http';
import fs from 'node:fs';
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
fs.writeFileSync(process.env.SIGNALBOX_ADMIN_KEY_FILE, 'sk_test', { mode: 0o600 });
const status = JSON.stringify({ status: { live_readers: { 'sample-llama-0': {}, 'sample-embed-0': {} } } });
const port = Number(process.env.PORT);
http.createServer((request, response) => response.end(status)).listen(port, '127.0.0.1', () => process.send({ type: 'ready', managementPort: 1, port }));
`;

const reader = `
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1000);
`;

const otherServices = ['registry', 'reader-heartbeat', 'dataplane-control', 'datasource-sync'];

/**
 * A checkout in a temporary folder with the real scripts, in which everything they start is a few lines long: no packages to
 * install, a build that does nothing, services that are ready at once.
 */
export class SmallCheckout {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-scripts-')));
  readonly home = join(this.path, '.signalbox');

  constructor() {
    cpSync(join(checkout, 'scripts'), join(this.path, 'scripts'), { recursive: true });
    this.write('package.json', JSON.stringify({ name: 'small', type: 'module' }));
    this.write('package-lock.json', JSON.stringify({ packages: {} }));
    this.write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));
    this.write('node_modules/turbo/bin/turbo', '');
    this.write('apps/gateway/dist/main.js', gateway);
    for (const name of otherServices) this.write(`apps/${name}/dist/main.js`, service);
    this.write('examples/reader.mjs', reader);
  }

  write(file: string, text: string, mode?: number): void {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, mode === undefined ? {} : { mode });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
