import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { System } from '../support/system.js';

describe('the configuration of a service', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.create();
  });
  afterAll(async () => {
    await system.close();
  });

  it('names everything that is wrong with it at once, and shows no secret', async () => {
    const gateway = system.start('gateway', {
      RABBITMQ_URL: 'http://user:hunter2@somewhere',
      PORT: 'eighty',
      SIGNALBOX_HEARTBEAT_CHECK_INTERVAL: '-1',
    });
    expect(await gateway.ended).toBe(1);
    for (const variable of ['RABBITMQ_URL', 'PORT', 'SIGNALBOX_HEARTBEAT_CHECK_INTERVAL'])
      expect(gateway.output).toContain(variable);
    expect(gateway.output).not.toContain('hunter2');
  });
});
