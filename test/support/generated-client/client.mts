import createClient from 'openapi-fetch';
import type { components, paths } from './api.mjs';

export type Connection = components['schemas']['Connection'];
export type Restart = components['schemas']['Restart'];

/** What the API of projects and connections answers with, or the problem of a request that could not be read: 408, 431. */
function reasonOf(error: { message: string } | { detail?: string } | undefined): string | undefined {
  return error === undefined ? undefined : 'message' in error ? error.message : error.detail;
}

/** What somebody writes who has nothing but the types that were generated from `/openapi.json`. An error may be without a body: 431. */
export function clientOf(baseUrl: string, key: string) {
  const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${key}` } });

  return {
    async projects(): Promise<string[]> {
      const { data, error } = await client.GET('/api/v0/projects');
      if (data === undefined) throw new Error(reasonOf(error));
      return data.map(({ name }) => name);
    },

    async createConnection(project: string, connection: string, port: number): Promise<Connection> {
      const path = { project, connection };
      const postgresConnection = { host: '127.0.0.1', port, databaseName: 'd', userName: 'u', password: 'p' };
      const created = await client.POST('/api/v0/projects/{project}/connections/{connection}', {
        params: { path },
        body: { name: connection, type: 'postgres', postgresConnection },
      });
      if (created.data === undefined) throw new Error(reasonOf(created.error));
      const { data, error } = await client.GET('/api/v0/projects/{project}/connections/{connection}', {
        params: { path },
      });
      if (data === undefined) throw new Error(reasonOf(error));
      return data;
    },

    async testConnection(project: string, connection: string): Promise<string> {
      const { data, error } = await client.POST('/api/v0/projects/{project}/connections/{connection}/test', {
        params: { path: { project, connection } },
      });
      if (data === undefined) throw new Error(reasonOf(error));
      return data.status;
    },

    /** Resolves when the restart is over. */
    async restart(name: string): Promise<Restart> {
      const begun = await client.POST('/v1/dataplanes/{name}/restarts', {
        params: { path: { name } },
        body: { reason: 'by a generated client', drain_seconds: 0 },
      });
      if (begun.data === undefined) throw new Error(begun.error?.detail);
      const { data, error } = await client.GET('/v1/restarts/{id}', {
        params: { path: { id: begun.data.id }, query: { wait: 60 } },
      });
      if (data === undefined) throw new Error(error?.detail);
      return data;
    },
  };
}
