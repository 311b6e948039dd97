import { expect, it } from 'vitest';
import { mayRecord } from './audit-senders.js';

it('lets a service record what it does itself, and the gateway everything', () => {
  expect(mayRecord('registry', 'delete-project')).toBe(true);
  expect(mayRecord('blue.datasource-sync', 'rotate-datasource-key')).toBe(true);
  for (const user of ['gateway', 'operator', undefined]) expect(mayRecord(user, 'restart-dataplane')).toBe(true);
  for (const action of ['restart-dataplane', 'create-key', 'delete-datasource'])
    expect(mayRecord('blue.registry', action)).toBe(false);
  expect(mayRecord('datasource-sync', 'delete-project')).toBe(false);
});
