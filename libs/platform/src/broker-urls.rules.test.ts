import { expect, it } from 'vitest';
import { brokerUrlsOf } from './broker-urls.rules.js';

it.each([
  ['amqp://u:p@a/v', ['amqp://u:p@a/v']],
  [
    'amqp://u:p@a:5672,b:5673,[::1]:5674/v?x=1',
    ['amqp://u:p@a:5672/v?x=1', 'amqp://u:p@b:5673/v?x=1', 'amqp://u:p@[::1]:5674/v?x=1'],
  ],
  ['amqps://a, b', ['amqps://a', 'amqps://b']],
  ['amqp://u:one@a:1/v,amqp://u:two@b,c/v', ['amqp://u:one@a:1/v', 'amqp://u:two@b/v', 'amqp://u:two@c/v']],
  ['amqp://u:p,q@r@a,b/v', ['amqp://u:p,q@r@a/v', 'amqp://u:p,q@r@b/v']],
])('%s names the hosts of a broker', (text, urls) => {
  expect(brokerUrlsOf(text)).toEqual(urls);
});

it.each([
  '',
  'hunter2',
  'http://a',
  'amqp://',
  'amqp://a,',
  'amqp://a:x,b',
  'amqp://u@a/v,amqp://w@b/v',
  'amqp://u@a/v,amqp://u@b/w',
])('%j names none', (text) => {
  expect(brokerUrlsOf(text)).toBeUndefined();
});
