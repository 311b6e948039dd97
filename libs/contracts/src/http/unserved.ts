/**
 * Routes that the original of an API has and Signalbox does not serve. They are answered with 501 in the shape of the API, so that people see why
 * their client fails. No OpenAPI document has them: a client that looks there must learn that they are missing.
 */
export interface UnservedRoutes {
  /** `:name` is one segment. */
  readonly paths: readonly string[];
  /** Unless given: every method, and also below the paths. */
  readonly methods?: readonly ('DELETE' | 'POST')[];
  /** One sentence for people. */
  readonly why: string;
}

const CONNECTION = '/api/v0/projects/:project/connections/:connection';
const PACKAGE = '/api/v0/projects/:project/packages/:package';

export const registryUnserved: readonly UnservedRoutes[] = [
  { paths: [`${CONNECTION}/schemas`], why: 'Signalbox does not read the schemas and tables behind a connection.' },
  {
    paths: ['sqlSource', 'sqlQuery', 'sqlTemporaryTable', 'tableSource', 'queryData', 'temporaryTable'].map(
      (name) => `${CONNECTION}/${name}`,
    ),
    why: 'Signalbox tests connections and runs no queries on them.',
  },
  {
    paths: ['models', 'notebooks', 'databases'].map((name) => `${PACKAGE}/${name}`),
    why: 'Signalbox loads packages and does not compile or query what is in them.',
  },
  {
    paths: ['/api/v0/watch-mode'],
    why: 'Signalbox does not watch the files of packages: GET a package with reload=true to load it again.',
  },
];

export const platformUnserved: readonly UnservedRoutes[] = [
  {
    paths: [
      'agent',
      'anomalies',
      'computed-fields',
      'connections',
      'containers',
      'datastores',
      'export',
      'global-tags',
      'mcp',
      'operations',
      'quality-checks',
      'quality-check-templates',
      'teams',
      'users',
    ].map((name) => `/api/${name}`),
    why: 'Signalbox serves the status of the platform and the restart of its dataplane, and none of its data.',
  },
  {
    paths: ['/api/cli/authorize', '/api/user-tokens'],
    why: 'Signalbox issues tokens with POST /v1/tokens: give one of them to the command line.',
  },
];

export const readersUnserved: readonly UnservedRoutes[] = [
  {
    paths: ['/reader'],
    methods: ['POST'],
    why: 'Signalbox starts no readers: start one where it is to run, and its heartbeats make it known.',
  },
];

export const inferenceUnserved: UnservedRoutes = {
  paths: [
    '/generate',
    '/generate_stream',
    '/image_generate',
    '/image_generate_stream',
    '/embed',
    '/classify',
    '/tokenize',
    '/detokenize',
    '/chat_template',
    '/v1/chat/completions',
  ],
  why: 'Signalbox follows readers and does not pass requests on to them: send them to the inference server.',
};

export const serviceStatusUnserved: UnservedRoutes = {
  paths: ['/v1/usage', '/v1/examples', '/v1/help'],
  why: 'Signalbox bills nothing and has no examples by endpoint: /docs describes its API.',
};

export const datasourcesUnserved: readonly UnservedRoutes[] = ['/v1/datasources', '/api/v1/datasources'].flatMap(
  (path): UnservedRoutes[] => [
    {
      paths: ['validate', 'locate', 'resnapshot'].map((name) => `${path}/${name}`),
      methods: ['POST'],
      why: `Signalbox names each datasource by its id: POST ${path}/{id}/verify or ${path}/{id}/resync.`,
    },
    {
      paths: [path],
      methods: ['DELETE'],
      why: `Signalbox deletes one datasource by its id: DELETE ${path}/{id}.`,
    },
  ],
);

export const unservedRoutes: readonly UnservedRoutes[] = [
  ...registryUnserved,
  ...platformUnserved,
  ...readersUnserved,
  inferenceUnserved,
  serviceStatusUnserved,
  ...datasourcesUnserved,
];
