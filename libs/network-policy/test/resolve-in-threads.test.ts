import { createSocket, type Socket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { resolveInThreads, resolveSparingly, type Resolve } from '../src/index.js';
import { areServersSilent } from '../src/name-servers.js';

const ADDRESSES: LookupAddress[] = [{ address: '192.0.2.1', family: 4 }];
const THREADS = 8;
const isSilentName = (name: string): boolean => name.startsWith('silent');

let nameServer: Socket;
let server: string;
/** Names in threads that the system has not given up. */
let stuck: { readonly name: string; readonly giveUp: () => void }[];
let mostAtOnce: number;

/** Answers that a name does not exist, and names that begin with `silent` never. */
beforeAll(async () => {
  nameServer = createSocket('udp4');
  nameServer.on('message', (question, { port, address }) => {
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x8183, 2);
    if (!isSilentName(question.toString('latin1', 13))) nameServer.send(answer, port, address);
  });
  nameServer.bind(0, '127.0.0.1');
  await once(nameServer, 'listening');
  server = `127.0.0.1:${(nameServer.address() as AddressInfo).port}`;
});

afterAll(() => nameServer.close());

beforeEach(() => {
  stuck = [];
  mostAtOnce = 0;
});

/** The system: a few threads, each taken by a silent name until the system gives up. */
const system: Resolve = (name, _, answer) => {
  if (stuck.length >= THREADS) throw new Error('no thread is free');
  if (!isSilentName(name)) return setImmediate(answer, null, ADDRESSES);
  const giveUp = (): void => answer(Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' }), []);
  stuck.push({ name, giveUp });
  mostAtOnce = Math.max(mostAtOnce, stuck.length);
};
const resolve = (): Resolve =>
  resolveInThreads({ threads: THREADS, resolve: system, isSilent: (name) => areServersSilent(name, [server]) });
const resolved = (one: Resolve, name: string): Promise<LookupAddress[]> =>
  new Promise((done, reject) =>
    one(name, { all: true }, (error, addresses) => (error ? reject(error) : done(addresses))),
  );

it('looks up names while many others have silent name servers', async () => {
  const names = resolveSparingly({ resolve: resolve(), now: () => performance.now() });
  const silent = Array.from({ length: 100 }, (_, index) => resolved(names, `silent-${index}.example`));
  const outcomes = Promise.allSettled(silent);
  for (let index = 0; index < 20; index++) expect(await resolved(names, `name-${index}.example`)).toEqual(ADDRESSES);
  // None of those that have a thread was given up meanwhile.
  expect(stuck.map(({ name }) => name)).toEqual([0, 1, 2, 3].map((index) => `silent-${index}.example`));
  for (const { giveUp } of stuck) giveUp();
  expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true);
  expect(mostAtOnce).toBe(THREADS / 2);
});

it('asks no name server where a thread is free, and looks up no more at once than it has threads', async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const names = resolveInThreads({
    threads: 4,
    resolve: (_name, _options, answer) => void answers.push(() => answer(null, ADDRESSES)),
    isSilent: (name) => (asked.push(name), Promise.resolve(false)),
  });
  const all = Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => resolved(names, `${name}.example`)));
  await vi.waitFor(() => expect(answers).toHaveLength(4));
  expect(asked).toEqual(['c.example', 'd.example', 'e.example', 'f.example']);
  while (answers.length > 0) answers.shift()!();
  expect(await all).toHaveLength(6);
  void resolved(names, 'g.example');
  expect(asked).not.toContain('g.example');
});
