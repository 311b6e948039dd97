import { expect, it } from 'vitest';
import { isAmqpUrl, withFirstHost } from './broker-url.mjs';

it.each([
  ['amqp://u:p,q@a:1/v', 'amqp://u:p,q@a:1/v'],
  ['amqp://u:p,q@a:1,b:2,c/v?x=1', 'amqp://u:p,q@a:1/v?x=1'],
  ['amqps://u@a:1/v,amqps://u@b:2/v', 'amqps://u@a:1/v'],
])('%s names first %s', (url, first) => {
  expect([withFirstHost(url), isAmqpUrl(url)]).toEqual([first, true]);
});

it.each(['amqp://a:x,b', 'http://a,b', 'hunter2'])('%s is no URL of a broker', (url) => {
  expect(isAmqpUrl(url)).toBe(false);
});
