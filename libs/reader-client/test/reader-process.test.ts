import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, testBroker, type TestBroker } from '@signalbox/testing';
import { hearBeats, type HeardBeats } from './support/heard-beats.js';

const script = fileURLToPath(new URL('./support/child-reader.mjs', import.meta.url));

describe('the process of a reader', () => {
  let broker: TestBroker;
  let line: HeardBeats;
  let children: ChildProcess[];

  beforeEach(async () => {
    broker = await testBroker();
    line = await hearBeats(broker.url);
    children = [];
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await line.close();
    await broker.remove();
  });

  async function live(id: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [script, broker.url, id], { stdio: 'inherit' });
    children.push(child);
    await eventually(() => line.beats(id).at(-1)?.state === 'ready');
    return child;
  }

  it('ends by itself after the goodbye', async () => {
    const child = await live('r-1');
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    await eventually(() => line.beats('r-1').at(-1)?.state === 'stopping');
  });

  it('falls silent when it is killed', async () => {
    const [killed] = [await live('killed'), await live('other')];
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const [ofKilled, ofOther] = [line.beats('killed').length, line.beats('other').length];
    await eventually(() => line.beats('other').length >= ofOther + 3);
    // One may have been on its way.
    expect(line.beats('killed').length).toBeLessThanOrEqual(ofKilled + 1);
    expect(line.beats('killed').at(-1)!.state).toBe('ready');
  });
});
