import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Notice, ServiceStatus } from '@signalbox/contracts/http';
import { eventually, python, testPackages } from '@signalbox/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SERVICES_BUNDLE } from '../support/service-in-process.js';
import { System, type SystemInProcess } from '../support/system.js';

interface Bundle {
  readonly CurrentFacts: { readonly prototype: { read(): unknown } };
}

const contract = (file: string): string => readFileSync(new URL(`../contracts/${file}`, import.meta.url), 'utf8');
const isDocumented = addFormats
  .default(new Ajv2020({ strict: false }))
  .compile(JSON.parse(contract('service-status.schema.json')) as object);

/** What the published document of the status API shows, against a gateway: its sample in Python, and its error. */
describe('the document of GET /v1/status', () => {
  let system: SystemInProcess;

  beforeAll(testPackages, 600_000);
  beforeAll(async () => {
    system = await System.inProcess();
    // The one component that this test can make unavailable at no cost.
    await system.startGateway({ CRITICAL_COMPONENTS: 'datasources', SIGNALBOX_VERSION: '1.2.3' });
  });
  afterAll(() => system.close());

  /** What the sample prints, line by line. Only its host and its key are replaced. */
  const sample = async (): Promise<string[]> => {
    const script = contract('service-status.sample.py')
      .replace('https://api.wickson.ai', system.baseUrl)
      .replace('YOUR_API_KEY', system.adminKey);
    const { stdout } = await promisify(execFile)(python(), ['-c', script], { timeout: 30_000 });
    return stdout.trimEnd().split('\n');
  };
  const line = (pattern: RegExp): unknown => expect.stringMatching(pattern);
  /** The lines of an answer that is not critical. */
  const lines = ({ status, datasources }: { status: string; datasources: string }): unknown[] => [
    `API Status: ${status} (v1.2.3)`,
    line(/^Timestamp: \d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
    '',
    'Component Status:',
    '- messaging: operational',
    '- storage: operational',
    '- api: operational',
    '- readers: unavailable',
    '- registry: unavailable',
    '- dataplane: unavailable',
    `- datasources: ${datasources}`,
    '',
    'Account Tier: operators',
    line(/^Rate Limits: \d+\/1000000 remaining$/),
    line(/^Rate Reset: \d{4}-\d{2}-\d{2}T\d{2}:00:00.000Z$/),
    '',
    line(/^Response Time: \d+(\.\d+)?ms$/),
  ];

  it('has a sample that prints every line: critical, during maintenance, and without either', async () => {
    expect(await sample()).toEqual(['API is currently unavailable (Service status: critical)']);

    const ends_at = new Date(Date.now() + 3_600_000).toISOString();
    const notice = { message: 'Datasources are moved', components: ['datasources'], ends_at };
    const { id } = (await (await system.send('POST', '/v1/notices', notice)).json()) as Notice;
    await eventually(async () => (await system.get('/v1/status')).status === 200);
    expect(await sample()).toEqual([
      ...lines({ status: 'degraded', datasources: 'degraded' }),
      '',
      ' NOTICE: Datasources are moved',
      ` Estimated completion: ${ends_at}`,
    ]);

    await system.start('datasource-sync').ready;
    await eventually(async () => {
      const { data } = (await (await system.get('/v1/status')).json()) as ServiceStatus;
      return data.components['datasources'] === 'operational';
    });
    await system.send('POST', `/v1/notices/${id}/end`);
    await eventually(async () => !Object.hasOwn((await (await system.get('/v1/status')).json()) as object, 'notice'));
    expect(await sample()).toEqual(lines({ status: 'degraded', datasources: 'operational' }));
  });

  it('has an error for a check that cannot run, with no word of the reason', async () => {
    const { default: bundle } = (await import(SERVICES_BUNDLE)) as { default: Bundle };
    const facts = vi.spyOn(bundle.CurrentFacts.prototype, 'read').mockImplementation(() => {
      throw new Error('planted: no facts');
    });
    try {
      // What was composed before is shown for a moment.
      const response = await eventually(async () => {
        const answer = await system.get('/v1/status');
        return answer.status === 500 && answer;
      });
      const body: unknown = await response.json();
      expect({ fits: isDocumented(body), errors: isDocumented.errors }).toMatchObject({ fits: true });
      expect(body).toEqual({
        success: false,
        message: 'Unable to retrieve system status',
        code: 'internal_error',
        status_code: 500,
        suggestion:
          'The API is experiencing temporary issues. Please try again in a few minutes or contact support if the problem persists.',
        request_id: expect.stringMatching(/^req_/) as string,
      });
      expect((await system.get('/v1/status/explain')).status).toBe(500);
      expect(system.service('gateway').output).toContain('planted: no facts');
    } finally {
      facts.mockRestore();
    }
    await eventually(async () => (await system.get('/v1/status')).status === 200);
  });
});
