/** What members mean, by the object of settings that contains them. */

/** The credentials. */
export const SECRET_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  postgresConnection: ['password', 'connectionString'],
  mysqlConnection: ['password'],
  bigqueryConnection: ['serviceAccountKeyJson'],
  snowflakeConnection: ['password', 'privateKey', 'privateKeyPass'],
  trinoConnection: ['password', 'peakaKey'],
  motherduckConnection: ['accessToken'],
  gcsConnection: ['secret'],
  s3Connection: ['secretAccessKey', 'sessionToken'],
};

/**
 * Who gets the credentials, and whose they are: the server and the account. A credential is valid for these alone. A connection string
 * names all of them and is a credential itself. A region is a part of the name of a server. A project of BigQuery pays for what is read
 * and keeps the results. MotherDuck is one service, and its token names the account.
 */
export const TARGET_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  postgresConnection: ['host', 'port', 'userName', 'connectionString'],
  mysqlConnection: ['host', 'port', 'user'],
  bigqueryConnection: ['defaultProjectId', 'billingProjectId'],
  snowflakeConnection: ['account', 'username'],
  trinoConnection: ['server', 'port', 'user'],
  motherduckConnection: [],
  gcsConnection: ['keyId'],
  s3Connection: ['accessKeyId', 'region', 'endpoint'],
};
