import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { urlOf } from './broker-url.js';
import { checkedDestination, checkedIdentity } from './checked-options.js';

const given = { reader_id: 'r-1', consumer_groups: ['primary'], model_name: 'm', model_type: 'chat', device: 'cpu' };

describe('checkedIdentity', () => {
  it('uses the reader id, this process and ten seconds as defaults', () => {
    expect(checkedIdentity(given)).toEqual({
      ...given,
      consumer_name: 'r-1',
      pids: [process.pid],
      heartbeat_wait_interval: 10,
    });
  });

  it('names each invalid member', () => {
    const wrong = { ...given, reader_id: 'with space', consumer_groups: ['a', ''], heartbeat_wait_interval: 0 };
    expect(() => checkedIdentity(wrong)).toThrow(
      /reader_id: must be 1 to 200.*consumer_groups\.1: .*heartbeat_wait_interval: /,
    );
  });

  it('refuses a configuration that shows a credential or has no JSON form', () => {
    expect(() => checkedIdentity({ ...given, config: { hf_token: 'x' } })).toThrow(
      /config\.hf_token looks like a credential/,
    );
    expect(() => checkedIdentity({ ...given, config: { big: 1n } })).toThrow(TypeError);
  });
});

describe('urlOf', () => {
  it('adds a short AMQP heartbeat and keeps the rest of the URL', () => {
    expect(urlOf({ url: 'amqp://me:p%40ss@broker:5673/signalbox' })).toBe(
      'amqp://me:p%40ss@broker:5673/signalbox?heartbeat=5',
    );
  });

  it.each(['me:s3cret@broker', 'http://me:s3cret@broker/', 'amqp://me:s3cret@:notaport/', 'amqp:s3cret'])(
    'refuses %s without quoting it',
    (url) => {
      const thrown = caught(() => urlOf({ url }));
      expect(thrown.message).toMatch(/url: must be an amqp/);
      expect(inspect(thrown)).not.toContain('s3cret');
    },
  );
});

describe('checkedDestination', () => {
  it('refuses a routing key that cannot be covered by a key', () => {
    expect(() => checkedDestination({ url: 'amqp://broker', routingKey: 'a b' })).toThrow(
      /routingKey: must be 1 to 200/,
    );
  });
});

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
