import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiDocument } from '../support/api-document.js';
import { beat, BeatPublisher } from '../support/beating.js';
import { System, type SystemInProcess } from '../support/system.js';

const CONFIG = { model_name: 'llama', b: 1, a: { max_tokens: [1, '\u0000', null] } };

describe('the configuration of a reader', () => {
  let system: SystemInProcess;
  let readers: BeatPublisher;

  beforeAll(async () => {
    system = await System.inProcess();
    await system.startReaderHeartbeat();
    await system.startGateway({ SIGNALBOX_KEYLESS_MANAGEMENT: 'true' });
    readers = await BeatPublisher.open(system.broker.url);
    await readers.send(beat('pool/llama:0', { boot_id: 'a', config: CONFIG }));
    await readers.send(beat('plain'));
    await eventually(async () => (await system.mapOf('plain')) === 'live');
  });
  afterAll(async () => {
    await readers?.close();
    await system?.close();
  });

  const configOf = async (id: string): Promise<unknown> => (await system.get(`/config/${id}`)).json();
  const keyless = (id: string) => fetch(`http://127.0.0.1:${system.managementPort}/config/${id}`);
  const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code: string }).code;

  it('is what it sent last, as it sent it, whether or not the heartbeat after it carries one', async () => {
    const answer = await system.get('/config/pool/llama:0');
    expect([answer.status, await answer.text()]).toEqual([200, JSON.stringify(CONFIG)]);
    const document = new ApiDocument((await (await system.get('/openapi.json')).json()) as object);
    const { responses } = document.operations.find(({ operationId }) => operationId === 'getReaderConfig')!;
    const { schema } = responses['200']!.content!['application/json']!;
    expect(schema).toEqual({ $ref: '#/components/schemas/ReaderConfig' });
    expect(document.problems(schema, CONFIG)).toEqual([]);
    expect(document.problems(schema, [])).not.toEqual([]);
    await readers.send(beat('pool/llama:0', { boot_id: 'a', config: { b: 2 } }));
    await readers.send(beat('pool/llama:0', { boot_id: 'a' }));
    await eventually(async () => JSON.stringify(await configOf('pool/llama:0')) === '{"b":2}');
  });

  it('is found with slashes of the id as they are and encoded, also without a key at the management port', async () => {
    for (const id of ['pool/llama:0', 'pool%2Fllama:0', 'pool%2fllama%3A0'])
      for (const answer of [await system.get(`/config/${id}`), await keyless(id)])
        expect([id, answer.status, await answer.json()]).toEqual([id, 200, { b: 2 }]);
  });

  it('is that of the reader whose id ends with a slash, and of none without it', async () => {
    await readers.send(beat('slash/', { boot_id: 'a', config: { c: 3 } }));
    await eventually(async () => JSON.stringify(await configOf('slash/')) === '{"c":3}');
    for (const answer of [await system.get('/config/slash/'), await keyless('slash/')])
      expect([answer.status, await answer.json()]).toEqual([200, { c: 3 }]);
    for (const answer of [await system.get('/config/slash'), await keyless('slash'), await keyless('pool/llama:0/')])
      expect(answer.status).toBe(404);
  });

  it('is empty where the reader sent none, one that is too large, or only an earlier incarnation sent one', async () => {
    expect(await configOf('plain')).toEqual({});
    await readers.send(beat('large', { config: { a: 1 } }));
    await eventually(async () => JSON.stringify(await configOf('large')) === '{"a":1}');
    await readers.send(beat('large', { config: { a: 'x'.repeat(20_000) } }));
    await eventually(async () => JSON.stringify(await configOf('large')) === '{}');
    await readers.send(beat('again', { boot_id: 'a', config: { a: 1 } }));
    await eventually(async () => JSON.stringify(await configOf('again')) === '{"a":1}');
    await readers.send(beat('again', { boot_id: 'b' }));
    await eventually(async () => JSON.stringify(await configOf('again')) === '{}');
  });

  it('is not found of an unknown reader, at both ports, and is for admins only', async () => {
    for (const id of ['never-seen', 'never/seen', '__proto__', 'x'.repeat(900)])
      for (const answer of [await system.get(`/config/${id}`), await keyless(id)])
        expect([answer.status, await codeOf(answer)]).toEqual([404, 'reader_not_found']);
    const made = await system.send('POST', '/v1/keys', { name: 'manager', role: 'manager' });
    const { key } = (await made.json()) as { key: string };
    const answer = await system.get('/config/pool/llama:0', { 'x-api-key': key });
    expect([answer.status, await codeOf(answer)]).toEqual([403, 'insufficient_role']);
  });

  it('is kept across a restart of reader-heartbeat, and 503 while that is down', async () => {
    const ids = ['pool/llama:0', 'again', 'plain', 'large'];
    await system.service('reader-heartbeat').stop();
    for (const answer of [await system.get('/config/plain'), await keyless('plain')])
      expect([answer.status, await codeOf(answer)]).toEqual([503, 'not_ready']);
    await system.startReaderHeartbeat();
    await readers.send(beat('witness'));
    await eventually(async () => (await system.mapOf('witness')) === 'live');
    expect(await Promise.all(ids.map(configOf))).toEqual([{ b: 2 }, {}, {}, {}]);
  });
});
