import { expect, it } from 'vitest';
import { checkedServer } from './checked-server.js';
import type { ModelServerOptions } from './model-server-options.js';

const reader = {
  reader_id: 'r',
  consumer_groups: [],
  model_name: 'm',
  model_type: 'chat',
  device: 'cpu',
  url: 'amqp://b',
};
const checked = (options: Partial<ModelServerOptions>) =>
  checkedServer({ ...reader, healthUrl: 'http://127.0.0.1:8000/health', ...options });

it('has defaults', () => {
  expect(checked({})).toMatchObject({ intervalMs: 2_000, timeoutMs: 5_000, mostFailures: 3, stopMs: 30_000 });
});

it.each([
  [{ healthUrl: '127.0.0.1:8000' }, /healthUrl: must be an http/],
  [{ healthUrl: 'http://a:hunter2@b/' }, /healthUrl: must not contain a user or password$/],
  [{ probeInterval: 0 }, /probeInterval: must be 0\.1 to 3600 seconds/],
  [{ probeTimeout: Number.NaN }, /probeTimeout: /],
  [{ probeFailures: 0 }, /probeFailures: must be a whole number/],
  [{ stopTimeout: 3_601, probeFailures: 1.5 }, /stopTimeout: .*probeFailures: /],
  [{ command: [''] as [string] }, /command: must not be empty/],
])('refuses %o with the name of the option', (options, message) => {
  expect(() => checked(options)).toThrow(message);
});
