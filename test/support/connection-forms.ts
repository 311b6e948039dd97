const ACCOUNT = '{"type":"service_account","project_id":"p","private_key":"k","client_email":"e"}';

/**
 * What the dialogs of the original's page send, by type: all fields of the form in its order. A field that was left blank is an empty
 * text, a number is text. `edited` is the form when it opens on the stored connection, whose
 * credentials it cannot show, with a change of something that is not its target.
 */
export const FORMS: [type: string, created: string, edited: string][] = [
  [
    'postgres',
    '"postgresConnection":{"host":"db.example","port":"5432","databaseName":"d","userName":"u","password":"p","connectionString":""}',
    '"postgresConnection":{"host":"db.example","port":"5432","databaseName":"e","userName":"u","password":"","connectionString":""}',
  ],
  [
    'bigquery',
    `"bigqueryConnection":{"defaultProjectId":"p","billingProjectId":"","location":"","serviceAccountKeyJson":${JSON.stringify(ACCOUNT)},"maximumBytesBilled":"","queryTimeoutMilliseconds":"600000"}`,
    '"bigqueryConnection":{"defaultProjectId":"p","billingProjectId":"","location":"","serviceAccountKeyJson":"","maximumBytesBilled":"","queryTimeoutMilliseconds":"700000"}',
  ],
  [
    'snowflake',
    '"snowflakeConnection":{"account":"a","username":"u","password":"p","role":"","warehouse":"w","database":"","schema":"","responseTimeoutMilliseconds":"600000","privateKey":"","privateKeyPass":""}',
    '"snowflakeConnection":{"account":"a","username":"u","password":"","role":"r","warehouse":"w","database":"","schema":"","responseTimeoutMilliseconds":"600000","privateKey":"","privateKeyPass":""}',
  ],
  [
    'trino',
    '"trinoConnection":{"server":"https://trino.example","port":"8443","catalog":"c","schema":"","user":"u","password":"p","peakaKey":""}',
    '"trinoConnection":{"server":"https://trino.example","port":"8443","catalog":"d","schema":"","user":"u","password":"","peakaKey":""}',
  ],
  [
    'mysql',
    '"mysqlConnection":{"host":"db.example","port":"3306","user":"u","password":"p","database":"d"}',
    '"mysqlConnection":{"host":"db.example","port":"3306","user":"u","password":"","database":"e"}',
  ],
  [
    'duckdb',
    '"duckdbConnection":{"attachedDatabases":[{"name":"pg","type":"postgres","postgresConnection":{"host":"db.example","port":"5432","databaseName":"d","userName":"u","password":"p","connectionString":""}},{"name":"lake","type":"s3","s3Connection":{"accessKeyId":"k","secretAccessKey":"s","region":"","endpoint":"","sessionToken":""}}]}',
    '"duckdbConnection":{"attachedDatabases":[{"name":"pg","type":"postgres","postgresConnection":{"host":"db.example","port":"5432","databaseName":"e","userName":"u","password":"","connectionString":""}},{"name":"lake","type":"s3","s3Connection":{"accessKeyId":"k","secretAccessKey":"","region":"us-east-1","endpoint":"","sessionToken":""}}]}',
  ],
  [
    'motherduck',
    '"motherduckConnection":{"accessToken":"t","database":""}',
    '"motherduckConnection":{"accessToken":"","database":"d"}',
  ],
];
export const bodyOf = (type: string, settings: string): string => `{"name":"the_${type}","type":"${type}",${settings}}`;
