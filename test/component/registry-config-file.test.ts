import { writeFileSync } from 'node:fs';
import { eventually } from '@signalbox/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricOf } from '../support/metric-of.js';
import { Registry, type RegistryInProcess, type RegistryStatus } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

describe('the configuration file of the registry', () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;

  beforeEach(async () => {
    registry = await Registry.withGatewayInProcess();
    ({ system } = registry);
  });
  afterEach(() => registry.close());

  const write = (method: string, path: string, body?: unknown) =>
    system.send(method, `/api/v0${path}`, body).then(({ status }) => status);

  /** What failed to load, as the metrics of the registry count it. */
  const failed = async (kind: string): Promise<number> => {
    const { managementPort } = await system.service('registry').ready;
    return metricOf(managementPort, 'signalbox_registry_resources', { kind, state: 'failed' });
  };

  it('accepts a publisher.config.json too', async () => {
    const file = `${registry.folder}/publisher.config.json`;
    writeFileSync(
      file,
      JSON.stringify({
        frozenConfig: false,
        projects: [{ name: 'old', connections: [{ name: 'd', type: 'duckdb' }] }],
      }),
    );
    await registry.start({ env: { SIGNALBOX_CONFIG_FILE: file } });
    expect(await registry.serving()).toMatchObject({ projects: [{ name: 'old', connections: [{ name: 'd' }] }] });
  });

  it('refuses every mutation while the configuration is frozen', async () => {
    registry.makePackage('k');
    await registry.start({
      config: {
        frozenConfig: true,
        projects: [
          { name: 'p', connections: [{ name: 'c', type: 'duckdb' }], packages: [{ name: 'k', location: './k' }] },
        ],
      },
    });
    expect(await registry.serving()).toMatchObject({ frozenConfig: true, projects: [{ name: 'p' }] });
    const { paths } = (await (await system.get('/openapi.json', {})).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const mutations = Object.entries(paths)
      .filter(([path]) => path.startsWith('/api/v0/') && !path.endsWith('/test'))
      .flatMap(([path, methods]) =>
        Object.keys(methods)
          .filter((method) => method !== 'get')
          .map((method) => [method.toUpperCase(), path] as const),
      );
    expect(mutations.length).toBeGreaterThanOrEqual(9);
    mutations.push(['GET', '/api/v0/projects/{project}?reload=true']);
    for (const [method, path] of mutations) {
      const response = await system.send(
        method,
        path.replace('{project}', 'p').replace('{connection}', 'c').replace('{package}', 'k'),
        method === 'DELETE' || method === 'GET' ? undefined : { name: 'p', type: 'duckdb' },
      );
      expect([method, path, response.status, await response.json()]).toEqual([
        method,
        path,
        403,
        {
          code: 403,
          message: expect.stringMatching(/frozen: \/\S+\.config\.json says so \(frozenConfig\)\./) as unknown,
        },
      ]);
    }
    // The content of a package's own manifest is not configuration.
    registry.makePackage('k', { description: 'newer' });
    expect(await (await system.get('/api/v0/projects/p/packages/k?reload=true')).json()).toMatchObject({
      description: 'newer',
    });
  });

  it.each<[string, unknown, Partial<RegistryStatus>]>([
    [
      'malformed JSON',
      '{"frozenConfig": false,',
      {
        frozenConfig: true,
        projects: [],
        loadErrors: [{ message: expect.stringContaining('not JSON') as string, at: expect.any(Number) as number }],
      },
    ],
    ['a frozenConfig that is no boolean', { frozenConfig: 'no', projects: [{ name: 'p' }] }, { frozenConfig: true }],
    ['projects as an object', { projects: { p: {} } }, { frozenConfig: false, projects: [] }],
    ['a list', [], { frozenConfig: true, projects: [] }],
  ])('does not fail open: %s', async (_what, content, expected) => {
    await registry.start({ config: content });
    expect(await registry.serving()).toMatchObject({
      ...expected,
      loadErrors: expect.arrayContaining([
        expect.objectContaining({ message: expect.any(String) as unknown }),
      ]) as unknown,
    });
    expect(await write('POST', '/projects', { name: 'x' })).toBe(expected.frozenConfig ? 403 : 200);
  });

  it('freezes the registry where it is missing, and names the file in the refusal and in a warning', async () => {
    const service = await registry.start({ env: { SIGNALBOX_CONFIG_FILE: '/nope.json' } });
    expect(await registry.serving()).toMatchObject({ frozenConfig: true });
    const refused = await system.send('POST', '/api/v0/projects', { name: 'x' });
    expect([refused.status, await refused.json()]).toEqual([
      403,
      {
        code: 403,
        message:
          'The configuration is frozen: /nope.json cannot be read (ENOENT). Nothing can be changed until that is fixed and the registry has been started again.',
      },
    ]);
    // The user of the tests' broker may do everything: of that the registry warns, too.
    const warnings = service.output.split('\n').filter((line) => line.includes('"level":"warn"'));
    const aboutFile = warnings.filter((line) => !line.includes('BROKER_SENDERS'));
    expect(aboutFile.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ file: '/nope.json', reason: 'cannot be read (ENOENT)' }),
    ]);
  });

  it('gives a resource to its connections that a release stored which did not record where they come from', async () => {
    const connections = [
      { name: 'configured', type: 'mysql', mysqlConnection: { host: 'h', password: 'p' } },
      { name: 'retyped', type: 'mysql', mysqlConnection: { host: 'h' } },
    ];
    const config = { projects: [{ name: 'p', connections }] };
    await registry.start({ config });
    await registry.serving();
    const made = { type: 'duckdb' };
    expect(await write('POST', '/projects/p/connections/made', made)).toBe(201);
    expect(await write('DELETE', '/projects/p/connections/retyped')).toBe(200);
    expect(await write('POST', '/projects/p/connections/retyped', made)).toBe(201);
    await system.service('registry').stop();
    await query(system.database.url, 'UPDATE registry.connection SET is_configured = NULL');
    const resources = async (): Promise<unknown[]> => {
      const response = await system.get('/api/v0/projects/p/connections');
      return ((await response.json()) as { resource?: string }[]).map(({ resource }) => resource);
    };
    await registry.start({ config: '{' });
    await eventually(async () => (await registry.serving()).frozenConfig);
    expect(await resources()).toEqual([undefined, undefined, undefined]);
    await system.service('registry').stop();
    await registry.start({ config });
    await eventually(async () => !(await registry.serving()).frozenConfig);
    expect(await resources()).toEqual(['/api/v0/projects/p/connections/configured', undefined, undefined]);
    expect(
      await query(system.database.url, 'SELECT name FROM registry.connection WHERE is_configured IS NULL'),
    ).toEqual([]);
    expect(await write('PATCH', '/projects/p/connections/configured', { mysqlConnection: { port: 1 } })).toBe(200);
  });

  it('loads an unreadable file when it has become readable, and keeps its state while the file is unreadable', async () => {
    const config = { projects: [{ name: 'p' }] };
    await registry.start({ config: '{' });
    expect(await registry.serving()).toMatchObject({ frozenConfig: true, projects: [] });
    expect(await failed('configuration')).toBe(1);
    await system.service('registry').stop();
    await registry.start({ config });
    const repaired = await registry.serving();
    expect(repaired).toMatchObject({ frozenConfig: false, projects: [{ name: 'p' }] });
    expect(repaired).not.toHaveProperty('loadErrors');
    expect(await failed('configuration')).toBe(0);
    await system.service('registry').stop();
    await registry.start({ config: '{', env: { SIGNALBOX_INITIALIZE: 'true' } });
    expect(await registry.serving()).toMatchObject({
      frozenConfig: true,
      projects: [{ name: 'p' }],
      loadErrors: [{ message: expect.stringContaining('not JSON') as unknown }],
    });
  });

  it('is reported with all its errors, and the registry loads every part that is valid', async () => {
    const projects = [
      7,
      {},
      { name: 'lists', packages: {}, connections: 'none' },
      { name: 'nul\0', packages: [] },
      { name: 'odd', packages: [{ name: 'k', location: './k\0' }, { name: '\0' }, { location: './x' }, {}] },
      { name: 'fine', packages: [{ name: 'k', location: './k' }] },
    ];
    registry.makePackage('k', { description: 'has\0 a NUL' });
    await registry.start({ config: { frozenConfig: 'perhaps', projects } });
    const { projects: loaded, loadErrors } = await registry.serving();
    expect(loaded).toMatchObject([
      { name: 'fine', packages: [{ description: 'has a NUL' }] },
      { name: 'lists' },
      { name: 'odd', packages: [] },
    ]);
    expect(loadErrors?.map(({ project, package: pkg, message }) => [project, pkg, message])).toEqual([
      [
        undefined,
        undefined,
        'projects[0] has no name; it was not loaded. projects[1] has no name; it was not loaded. frozenConfig is neither true nor false; it counts as true.',
      ],
      [
        'lists',
        undefined,
        'connections must be an array; none was loaded. packages must be an array; none was loaded.',
      ],
      ['nul\uFFFD', undefined, expect.stringContaining('The name of the project') as unknown],
      ['odd', undefined, 'packages[2] has no name; it was not loaded. packages[3] has no name; it was not loaded.'],
      ['odd', 'k', 'location: must not hold the character NUL'],
      ['odd', '\uFFFD', expect.stringContaining('The name of the package') as unknown],
    ]);
    const kinds = ['configuration', 'project', 'package', 'connection'];
    await expect.poll(() => Promise.all(kinds.map(failed)), { timeout: 30_000 }).toEqual([1, 3, 2, 0]);
  });
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
