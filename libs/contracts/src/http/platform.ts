import { z } from 'zod';
import { engineStatus } from '../dataplane/dataplane-report.js';

/** `GET /api`. */
export const platformInfo = z.object({
  application: z.string(),
  description: z.string(),
  version: z.string().describe('Of the build, date first: `20260404-5def6ae`.'),
  release: z.string().describe('The release of Signalbox: `0.2.0`.'),
  platform: z.string().describe('The cloud it runs on: aws, gcp, azure, local.'),
  engine: z.string().describe('kubernetes, databricks, local.'),
  size: z.string().describe('small, medium, large, xlarge.'),
  jwt_ttl_seconds: z.int().min(0),
});
export type PlatformInfo = z.infer<typeof platformInfo>;

const connection = z.enum(['OK', 'UNHEALTHY']);

export const dataplaneStatus = engineStatus.extend({
  thread_pool_state: z
    .string()
    .describe('`2 running operations [op-48291, op-48305] with 3 queued requests and 8 provisioned channels`'),
});
export type DataplaneStatus = z.infer<typeof dataplaneStatus>;

/** `GET /api/status`. */
export const platformStatus = z.object({
  database_connection: connection,
  rabbitmq_connection: connection,
  dataplane_healthcheck: z
    .union([z.literal('UNHEALTHY'), dataplaneStatus])
    .describe('Of the primary dataplane, or UNHEALTHY where its last report is too old.'),
  private_routes: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe('`host:port` with `OK` or the reason; absent where none is configured.'),
});
export type PlatformStatus = z.infer<typeof platformStatus>;

/** Errors of this API. */
export const platformError = z.object({ detail: z.string() });
