/** Runs SQL and returns its rows: a pg client or a TypeORM manager. `bigint` columns are strings. */
export type Query = <Row extends object>(sql: string, parameters?: unknown[]) => Promise<Row[]>;
