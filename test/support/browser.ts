import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

/** It runs as root in containers, and asks no server for updates. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page of a browser with a new profile. Await `testPackages()` before. */
export async function withBrowser(work: (page: Page) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: findProgram(), args: ARGUMENTS });
  try {
    await work(await browser.newPage());
  } finally {
    await browser.close();
  }
}

function findProgram(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const files = ['chromium-headless-shell', 'chromium'].flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = files.find((file) => existsSync(file));
  if (found === undefined) throw new Error('there is no chromium on the PATH: install chromium-headless-shell');
  return found;
}

/** An empty page of another server, at a free port of this host. */
export async function foreignPage(host: string): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Another page</title>');
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
