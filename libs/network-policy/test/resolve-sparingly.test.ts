import type { LookupAddress } from 'node:dns';
import { beforeEach, expect, it } from 'vitest';
import { resolveSparingly, type Resolve } from '../src/index.js';

type Answer = Parameters<Resolve>[2];

const ADDRESSES: LookupAddress[] = [{ address: '192.0.2.1', family: 4 }];
const SILENT = Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' });

let now: number;
let asked: { readonly name: string; readonly answer: Answer }[];
let resolve: Resolve;

beforeEach(() => {
  now = 0;
  asked = [];
  resolve = resolveSparingly({ resolve: (name, _, answer) => void asked.push({ name, answer }), now: () => now });
});

const resolved = (name: string): Promise<LookupAddress[]> =>
  new Promise((done, reject) =>
    resolve(name, { all: true }, (error, addresses) => (error ? reject(error) : done(addresses))),
  );
const fail = async (name: string, afterMs: number): Promise<void> => {
  const failing = resolved(name);
  now += afterMs;
  asked.at(-1)!.answer(SILENT, []);
  await expect(failing).rejects.toBe(SILENT);
};

it('looks up a name once for all that ask meanwhile', async () => {
  const both = Promise.all([resolved('a.example'), resolved('a.example')]);
  expect(asked).toHaveLength(1);
  asked[0]!.answer(null, ADDRESSES);
  expect(await both).toEqual([ADDRESSES, ADDRESSES]);
  void resolved('a.example');
  expect(asked).toHaveLength(2);
});

it('does not ask silent name servers again for 30 s, and others at once', async () => {
  await fail('a.example', 10_000);
  await expect(resolved('a.example')).rejects.toBe(SILENT);
  void resolved('b.example');
  expect(asked.map(({ name }) => name)).toEqual(['a.example', 'b.example']);
  now += 30_000;
  void resolved('a.example');
  expect(asked).toHaveLength(3);
});

it('asks again at once where the failure was quick', async () => {
  await fail('a.example', 5);
  void resolved('a.example');
  expect(asked).toHaveLength(2);
});
