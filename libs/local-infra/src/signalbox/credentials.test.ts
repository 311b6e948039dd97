import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadOrCreateCredentials } from './credentials.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'credentials-'));
  file = path.join(folder, 'home/credentials.json');
});
afterEach(() => rm(folder, { recursive: true }));

it('creates passwords once, all different, in a file that only its owner can read', async () => {
  const first = await loadOrCreateCredentials(file);
  const all = [first.postgresSuperuser, ...Object.values(first.databaseRoles), ...Object.values(first.amqpUsers)];
  expect(new Set(all).size).toBe(1 + 6 + 10);
  expect(all.every((password) => /^[\w-]{32}$/.test(password))).toBe(true);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await loadOrCreateCredentials(file)).toEqual(first);
  expect(await readdir(path.dirname(file))).toEqual(['credentials.json']);
});

it('adds passwords that an older file lacks and keeps the others', async () => {
  const first = await loadOrCreateCredentials(file);
  const { readers: _, ...amqpUsers } = first.amqpUsers;
  await writeFile(file, JSON.stringify({ ...first, amqpUsers }));
  const second = await loadOrCreateCredentials(file);
  expect({ ...second.amqpUsers, readers: '' }).toEqual({ ...first.amqpUsers, readers: '' });
  expect(second.amqpUsers.readers).toMatch(/^[\w-]{32}$/);
  expect(second.databaseRoles).toEqual(first.databaseRoles);
});

it('rejects a broken file without showing or replacing its content', async () => {
  await loadOrCreateCredentials(file);
  await writeFile(file, '{"postgresSuperuser": "hunter2"');
  await expect(loadOrCreateCredentials(file)).rejects.toThrow(/is not valid JSON/);
  await expect(loadOrCreateCredentials(file)).rejects.not.toThrow(/hunter2/);
  expect(await readFile(file, 'utf8')).toContain('hunter2');
});
