import { createLogger } from '@signalbox/platform';
import { expect, it } from 'vitest';
import { StatusTracker } from './amqp-status.js';

it.each(['unknown', 'invalid'])('names the plugin where the broker says that the type of an exchange is %s', (word) => {
  let output = '';
  const write = (line: string): void => void (output += line);
  const tracker = new StatusTracker(createLogger({ name: 'test', level: 'info', destination: { write } }));
  tracker.failed(
    new Error(`503 (COMMAND-INVALID) with message "COMMAND_INVALID - ${word} exchange type 'x-consistent-hash'"`),
  );
  expect(output).toContain('rabbitmq-plugins enable rabbitmq_consistent_hash_exchange');
});
