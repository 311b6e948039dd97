import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { System, type SystemInProcess } from '../support/system.js';

/** Each member of `config` in GET /status: its variable, the documented default, another value. */
const members: [member: string, variable: string, byDefault: unknown, text: string, value: unknown][] = [
  ['allow_remote_images', 'SIGNALBOX_ALLOW_REMOTE_IMAGES', false, 'true', true],
  ['body_size_limit_bytes', 'SIGNALBOX_BODY_SIZE_LIMIT_BYTES', 2_097_152, '4096', 4_096],
  ['echo', 'SIGNALBOX_ECHO', false, 'yes', true],
  ['enable_metrics', 'SIGNALBOX_ENABLE_METRICS', true, 'off', false],
  ['internal_port', 'SIGNALBOX_INTERNAL_PORT', 3_005, '4005', 4_005],
  ['openai_port', 'SIGNALBOX_OPENAI_PORT', 3_003, '4003', 4_003],
  ['repository_path', 'SIGNALBOX_REPOSITORY_PATH', '/path/to/home/artefacts', '/srv/models', '/srv/models'],
  ['reserved_consumers', 'SIGNALBOX_RESERVED_CONSUMERS', 'primary', 'primary, batch', 'primary, batch'],
  ['snowflake_port', 'SIGNALBOX_SNOWFLAKE_PORT', 3_004, '4004', 4_004],
  ['vertex_port', 'SIGNALBOX_VERTEX_PORT', 3_002, '4002', 4_002],
];

describe('config in GET /status', () => {
  let system: SystemInProcess;
  beforeEach(async () => {
    system = await System.inProcess();
  });
  afterEach(async () => {
    await system.close();
  });

  it('has the documented defaults, and the ports in force', async () => {
    await system.startGateway();
    const { config } = await system.status();
    expect(config).toEqual({
      ...Object.fromEntries(members.map(([member, , byDefault]) => [member, byDefault])),
      heartbeat_check_interval: 1,
      reader_message_timeout_ms: 500,
      port: Number(new URL(system.baseUrl).port),
      management_port: system.managementPort,
    });
  });

  it('shows the values of the environment, which the services apply', async () => {
    await system.startReaderHeartbeat({
      SIGNALBOX_HEARTBEAT_CHECK_INTERVAL: '7',
      SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: '900',
    });
    await system.startGateway(Object.fromEntries(members.map(([, variable, , text]) => [variable, text])));
    await eventually(async () => (await system.status()).status !== null);
    const { config, status } = await system.status();
    expect(config).toMatchObject(Object.fromEntries(members.map(([member, , , , value]) => [member, value])));
    // Of reader-heartbeat, whatever the gateway itself was started with.
    expect(config).toMatchObject({ heartbeat_check_interval: 7, reader_message_timeout_ms: 900 });
    expect(status?.reserved_consumers).toEqual(['primary', 'batch']);
    expect((await fetch(`http://127.0.0.1:${system.managementPort}/metrics`)).status).toBe(404);
    expect((await system.send('POST', '/v1/keys', { name: 'x'.repeat(5_000) })).status).toBe(413);
  });

  it('serves metrics on the management port, and the keyless routes only where they are enabled', async () => {
    const management = (path: string) => fetch(`http://127.0.0.1:${system.managementPort}${path}`);
    await system.startGateway();
    expect(await (await management('/metrics')).text()).toContain('process_cpu_seconds_total');
    expect((await management('/status')).status).toBe(404);
    await system.service('gateway').stop();
    await system.startGateway({ SIGNALBOX_KEYLESS_MANAGEMENT: 'true' });
    const response = await management('/status');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(await system.status());
  });
});
