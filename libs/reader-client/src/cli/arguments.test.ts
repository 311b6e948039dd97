import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.js';
import { serverOptions } from './server-options.js';

const broker = { READER_RABBITMQ_URL: 'amqp://a:hunter2@b/c' };
const optionsOf = (argv: string[], env: NodeJS.ProcessEnv = broker) => serverOptions(readArguments(argv, env), env);

describe('the arguments of signalbox-reader', () => {
  it('take precedence over the environment, and end at the command', () => {
    const env = {
      ...broker,
      SIGNALBOX_READER_ID: 'of-env',
      SIGNALBOX_READER_MODEL: 'of-env',
      SIGNALBOX_READER_HEALTH: 'http://127.0.0.1/',
      SIGNALBOX_READER_PROBE_INTERVAL: '0.5',
      SIGNALBOX_READER_GROUPS: '',
    };
    expect(optionsOf(['--id', 'r-1', '--pids=4, 5', '--', 'serve', '--id', 'other', '--', 'x'], env)).toEqual({
      url: broker.READER_RABBITMQ_URL,
      reader_id: 'r-1',
      model_name: 'of-env',
      healthUrl: 'http://127.0.0.1/',
      model_type: 'chat',
      device: 'cpu',
      consumer_groups: ['primary'],
      pids: [4, 5],
      probeInterval: 0.5,
      command: ['serve', '--id', 'other', '--', 'x'],
    });
  });

  it.each([
    [['--id', 'a'], broker, 'Give --model, --health.'],
    [['--unknown', 'a'], broker, /Unknown option '--unknown'/],
    [['--url', 'amqp://a:hunter2@b/c'], broker, /--url: every process .* READER_RABBITMQ_URL/],
    [['--url=amqp://a:hunter2@b/c'], broker, /--url: every process/],
    [['--id', 'a', '--model', 'm', '--health', 'h'], {}, /Set either READER_RABBITMQ_URL or/],
    [
      ['--id', 'a', '--model', 'm', '--health', 'h', '--config-file', '/none'],
      broker,
      /\/none cannot be read \(ENOENT\)/,
    ],
  ])('refuses %j', (argv, env, message) => {
    expect(() => optionsOf(argv, env)).toThrow(message);
  });
});
