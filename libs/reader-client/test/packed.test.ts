import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testBroker, type TestBroker } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveBeats } from './support/received-beats.js';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
/** Of a package that is installed for this repository. */
const folderOf = (name: string): string => join(PACKAGE, '../../node_modules', name);

const READER = `
import { startReader, type Reader, type ReaderOptions, type ReaderStatus } from '@signalbox/reader-client';
declare const process: { argv: string[] };
const options: ReaderOptions = {
  url: process.argv[2]!, reader_id: 'packed', consumer_groups: [], model_name: 'm', model_type: 'chat', device: 'cpu', pids: [1],
  heartbeat_wait_interval: 1,
  log: ({ level, text }) => { if (level === 'error') throw new Error(text); },
};
const reader: Reader = startReader(options);
reader.ready();
const status = (): ReaderStatus => reader.status();
while (status().seq === null) await new Promise((resolve) => setTimeout(resolve, 20));
await reader.stop();
`;

/** A project outside of this repository, in which nothing is installed but the package and amqplib. */
describe('the packed package', () => {
  let project: string;
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await testBroker();
    project = mkdtempSync(join(tmpdir(), 'signalbox-packed-'));
    // Its script would build what is built already.
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', project];
    const packed = execFileSync('npm', pack, { cwd: PACKAGE, encoding: 'utf8' });
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    const target = join(project, 'node_modules/@signalbox/reader-client');
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', join(project, filename), '-C', target, '--strip-components=1']);
    symlinkSync(folderOf('amqplib'), join(project, 'node_modules/amqplib'));
    writeFileSync(join(project, 'package.json'), '{"type":"module"}');
    writeFileSync(join(project, 'reader.ts'), READER);
  }, 60_000);
  afterAll(async () => {
    rmSync(project, { recursive: true, force: true });
    await broker?.remove();
  });

  it('depends on amqplib only, and can be published', () => {
    const file = join(project, 'node_modules/@signalbox/reader-client/package.json');
    const { dependencies, private: isPrivate } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
    expect([Object.keys(dependencies!), isPrivate]).toEqual([['amqplib'], undefined]);
  });

  it('has types that need nothing else, and publishes heartbeats', async () => {
    const tsc = join(folderOf('typescript'), 'bin/tsc');
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', '', '--outDir', '.'];
    execFileSync(process.execPath, [tsc, ...options, 'reader.ts'], { cwd: project, stdio: 'inherit' });
    const received = await receiveBeats(broker.url);
    const child = spawn(process.execPath, ['reader.js', broker.url], { cwd: project, stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([0, null]);
    const states = received.beats('packed').map(({ state }) => state);
    expect([states.includes('ready'), states.at(-1)]).toEqual([true, 'stopping']);
    await received.close();
  });
});
