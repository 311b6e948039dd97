import { freePort } from '@signalbox/local-infra';
import { eventually, testPackages } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LANGUAGES } from '../support/reader-clients/client.js';
import { modelServer, signalboxReader } from '../support/reader-clients/model-reader.js';
import { System, type SystemInProcess } from '../support/system.js';

describe('a model server behind signalbox-reader', () => {
  let system: SystemInProcess;

  beforeAll(testPackages, 600_000);
  beforeAll(async () => {
    system = await System.inProcess();
    await Promise.all([system.startReaderHeartbeat(), system.startGateway()]);
  });
  afterAll(() => system?.close());

  it.each(LANGUAGES)('is live, and is stopped by DELETE /reader/{reader_id}: %s', async (language) => {
    const port = await freePort();
    const id = `pool/${language}`;
    const args = ['--id', id, '--model', 'bigrams', '--interval', '1', '--probe-interval', '0.2'];
    const run = signalboxReader(
      language,
      [...args, '--health', `http://127.0.0.1:${port}/health`, '--', ...modelServer(port)],
      { READER_RABBITMQ_URL: system.broker.url },
    );
    onTestFinished(() => void run.child.kill('SIGKILL'));
    await eventually(async () => (await system.mapOf(id)) === 'live');
    const [pid] = (await system.status()).status!.live_readers[id]!.pids;
    expect(
      await (await fetch(`http://127.0.0.1:${port}/generate`, { method: 'POST', body: '{"prompt":"the"}' })).json(),
    ).toEqual({
      text: expect.stringMatching(/^the /),
    });
    expect((await system.send('DELETE', `/reader/${id}`)).status).toBe(204);
    expect(await run.ended).toBe(0);
    await eventually(async () => (await system.mapOf(id)) === undefined);
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
    expect(await system.broker.messageCount(`reader.${id}.control`)).toBe(0);
    expect((await system.send('DELETE', `/reader/${id}`)).status).toBe(404);
  });
});
