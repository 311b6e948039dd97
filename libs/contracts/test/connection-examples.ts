import type { Members } from '../src/json.js';

/** For tests: one of each type with every member its document names; each credential is a canary. */
export const EXAMPLES: Members[] = [
  {
    name: 'pg',
    type: 'postgres',
    postgresConnection: {
      host: 'h',
      port: 5432,
      databaseName: 'd',
      userName: 'u',
      password: 'CANARY-1',
      connectionString: 'postgres://u:CANARY-2@h:5432/d?sslmode=require&password=CANARY-3',
    },
  },
  {
    name: 'my',
    type: 'mysql',
    mysqlConnection: { host: 'h', port: 3306, database: 'd', user: 'u', password: 'CANARY-4' },
  },
  {
    name: 'bq',
    type: 'bigquery',
    bigqueryConnection: {
      defaultProjectId: 'p',
      billingProjectId: 'b',
      location: 'EU',
      serviceAccountKeyJson: '{"type":"service_account","project_id":"p","client_email":"e","private_key":"CANARY-5"}',
      maximumBytesBilled: '1',
      queryTimeoutMilliseconds: '2',
    },
  },
  {
    name: 'sf',
    type: 'snowflake',
    snowflakeConnection: {
      account: 'a',
      username: 'u',
      password: 'CANARY-6',
      privateKey: 'CANARY-7\n',
      privateKeyPass: 'CANARY-8',
      warehouse: 'w',
      database: 'd',
      schema: 's',
      role: 'r',
      responseTimeoutMilliseconds: 3,
    },
  },
  {
    name: 'tr',
    type: 'trino',
    trinoConnection: {
      server: 'https://t',
      port: 8443,
      catalog: 'c',
      schema: 's',
      user: 'u',
      password: 'CANARY-9',
      peakaKey: 'CANARY-10',
    },
  },
  { name: 'md', type: 'motherduck', motherduckConnection: { accessToken: 'CANARY-11', database: 'd' } },
  {
    name: 'dd',
    type: 'duckdb',
    duckdbConnection: {
      attachedDatabases: [
        {
          name: 'a1',
          type: 'postgres',
          postgresConnection: { host: 'h', password: 'CANARY-12', connectionString: 'host=h password=CANARY-13' },
        },
        { name: 'a2', type: 'gcs', gcsConnection: { keyId: 'k', secret: 'CANARY-14' } },
        {
          name: 'a3',
          type: 's3',
          s3Connection: {
            accessKeyId: 'k',
            secretAccessKey: 'CANARY-15',
            region: 'eu-west-1',
            endpoint: 'e',
            sessionToken: 'CANARY-16',
          },
        },
        { name: 'a4', type: 'snowflake', snowflakeConnection: { account: 'a', username: 'u', password: 'CANARY-17' } },
        {
          name: 'a5',
          type: 'bigquery',
          bigqueryConnection: {
            serviceAccountKeyJson:
              '{"type":"service_account","project_id":"p","client_email":"e","private_key":"CANARY-18"}',
          },
        },
      ],
    },
  },
];
