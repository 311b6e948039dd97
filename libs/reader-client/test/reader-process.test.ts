import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, testBroker, type TestBroker } from '@signalbox/testing';
import { receiveBeats, type ReceivedBeats } from './support/received-beats.js';

const script = fileURLToPath(new URL('./support/child-reader.mjs', import.meta.url));

describe('the process of a reader', () => {
  let broker: TestBroker;
  let received: ReceivedBeats;
  let children: ChildProcess[];

  beforeEach(async () => {
    broker = await testBroker();
    received = await receiveBeats(broker.url);
    children = [];
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await received.close();
    await broker.remove();
  });

  async function live(id: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [script, broker.url, id], { stdio: 'inherit' });
    children.push(child);
    await eventually(() => received.beats(id).at(-1)?.state === 'ready');
    return child;
  }

  it('exits by itself after the deregistration', async () => {
    const child = await live('r-1');
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    await eventually(() => received.beats('r-1').at(-1)?.state === 'stopping');
  });

  it('publishes no heartbeat after it was killed', async () => {
    const [killed] = [await live('killed'), await live('other')];
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const [ofKilled, ofOther] = [received.beats('killed').length, received.beats('other').length];
    await eventually(() => received.beats('other').length >= ofOther + 3);
    // One may have been in the broker already.
    expect(received.beats('killed').length).toBeLessThanOrEqual(ofKilled + 1);
    expect(received.beats('killed').at(-1)!.state).toBe('ready');
  });
});
