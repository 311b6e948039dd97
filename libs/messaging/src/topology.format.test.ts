import { expect, it } from 'vitest';

import { formatTopology } from './topology.format.js';

it('prints a topology as aligned text', () => {
  const text = formatTopology({
    exchanges: [
      { name: 'a.long-name', type: 'topic' },
      { name: 'b', type: 'x-consistent-hash' },
    ],
    queues: [
      { name: 'q', durable: true, arguments: { 'x-max-length': 10, 'x-overflow': 'drop-head' } },
      { name: 'mine', durable: false, exclusive: true, autoDelete: true },
    ],
    bindings: [{ exchange: 'a.long-name', queue: 'q', key: '#' }],
  });
  expect(text).toBe(
    [
      'exchanges (2)',
      '  a.long-name  topic              durable',
      '  b            x-consistent-hash  durable',
      '',
      'queues (2)',
      '  q     durable                            x-max-length=10 x-overflow=drop-head',
      '  mine  transient, exclusive, auto-delete',
      '',
      'bindings (1)',
      '  a.long-name  --#-->  q',
      '',
    ].join('\n'),
  );
});
