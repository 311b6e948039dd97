import { describe, expect, it } from 'vitest';
import { parseConfig } from './registry-config.rules.js';

const parse = (config: unknown, environment: Record<string, string> = {}) =>
  parseConfig(typeof config === 'string' ? config : JSON.stringify(config), (name) => environment[name]);

describe('a configuration file', () => {
  it('is read entry by entry', () => {
    const connection = { name: 'c', type: 'duckdb' };
    const pkg = { name: 'k', location: './k' };
    expect(
      parse({ frozenConfig: true, projects: [{ name: 'p', readme: 'r', connections: [connection], packages: [pkg] }] }),
    ).toEqual({
      isReadable: true,
      frozen: true,
      frozenBecause: 'says so (frozenConfig)',
      projects: [{ name: 'p', body: { name: 'p', readme: 'r' }, connections: [connection], packages: [pkg] }],
      problems: [],
    });
  });

  it('substitutes variables in values, never in names of members, and only variables that are set', () => {
    const { projects, problems } = parse(
      {
        projects: [
          {
            name: 'p',
            connections: [
              {
                name: 'a',
                type: 'mysql',
                mysqlConnection: { host: '${HOST}', password: 'x${PASSWORD}y', '${HOST}': '$HOST ${lower}' },
              },
              { name: 'b', type: 'mysql', mysqlConnection: { host: '${MISSING}', user: '${ALSO_MISSING}' } },
              { name: 'c', type: 'mysql', mysqlConnection: { host: '${SIGNALBOX_SECRET_KEYS}' } },
              { name: 'd', type: 'mysql', mysqlConnection: { host: '${RABBITMQ_URL}' } },
            ],
          },
        ],
      },
      { HOST: 'h', PASSWORD: '${HOST}', SIGNALBOX_SECRET_KEYS: 'secret', RABBITMQ_URL: 'amqp://secret' },
    );
    expect(projects[0]?.connections).toEqual([
      { name: 'a', type: 'mysql', mysqlConnection: { host: 'h', password: 'x${HOST}y', '${HOST}': '$HOST ${lower}' } },
    ]);
    expect(
      problems.map(({ project, connection, message }) => [
        project,
        connection,
        /\$\{\w+\}(, \$\{\w+\})*/.exec(message)?.[0],
      ]),
    ).toEqual([
      ['p', 'b', '${MISSING}, ${ALSO_MISSING}'],
      ['p', 'c', '${SIGNALBOX_SECRET_KEYS}'],
      ['p', 'd', '${RABBITMQ_URL}'],
    ]);
    expect(JSON.stringify([projects, problems])).not.toContain('secret"');
  });

  it.each<[string, unknown, boolean]>([
    ['nothing said', {}, false],
    ['false', { frozenConfig: false }, false],
    ['null', { frozenConfig: null }, false],
    ['true', { frozenConfig: true }, true],
    ['the text false', { frozenConfig: 'false' }, true],
    ['zero', { frozenConfig: 0 }, true],
    ['no JSON', '{', true],
    ['a list', [], true],
    ['null as a whole', 'null', true],
  ])('frozenConfig, %s', (_what, config, frozen) => {
    expect(parse(config).frozen).toBe(frozen);
  });

  it('reports an entry without a name by its position, and a project that is listed twice', () => {
    const { projects, problems } = parse({
      projects: [{}, 'x', { name: 'p', packages: [{ location: './x' }, 7] }, { name: 'p' }],
    });
    expect(projects.map(({ name }) => name)).toEqual(['p']);
    expect(problems.map(({ project, message }) => [project, message])).toEqual([
      [undefined, 'projects[0] has no name; it was not loaded.'],
      [undefined, 'projects[1] has no name; it was not loaded.'],
      ['p', 'packages[0] has no name; it was not loaded.'],
      ['p', 'packages[1] has no name; it was not loaded.'],
      ['p', 'There is a project of this name before; this one was not loaded.'],
    ]);
  });
});
