import { Inject, Injectable } from '@nestjs/common';
import {
  METRICS,
  type Counter,
  type CounterSeries,
  type Histogram,
  type HistogramDefinition,
  type HistogramSeries,
  type MetricDefinition,
  type Metrics,
} from '@signalbox/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiError } from './errors/api-error.js';

export const requestDuration = {
  name: 'http_server_request_duration_seconds',
  help: 'From receiving a request until its answer was written, by route template; `(none)` for a path without a route; `(refused)` for a request that is refused before its route is looked up; `(preflight)` for what browsers ask for pages of other origins. Without the time for which the answer to a refused request is held back.',
  labels: ['http_request_method', 'http_route', 'http_response_status_code'],
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
} as const satisfies HistogramDefinition;

export const refusedRequests = {
  name: 'signalbox_requests_refused_total',
  help: 'Answers 4xx and 503, by the code of the error, and requests whose connection was reset instead.',
  labels: ['reason'],
} as const satisfies MetricDefinition;

export const refusedConnections = {
  name: 'signalbox_connections_refused_total',
  help: 'Connections of clients that were closed at once, because too many were open: `in all` or `per address`.',
  labels: ['reason'],
} as const satisfies MetricDefinition;

const NO_ROUTE = '(none)';
/** A client may send any of thirty more. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

type OnResponse = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

/** Counts the requests that are answered. */
@Injectable()
export class HttpMetrics {
  private readonly durations: Histogram<(typeof requestDuration.labels)[number]>;
  private readonly refusals: Counter<(typeof refusedRequests.labels)[number]>;

  private readonly connections: Readonly<Record<'in all' | 'per address', CounterSeries>>;

  constructor(@Inject(METRICS) metrics: Metrics) {
    const connections = metrics.counter(refusedConnections);
    // From the start, so that the first refusal shows as an increase.
    this.connections = {
      'in all': connections.of({ reason: 'in all' }),
      'per address': connections.of({ reason: 'per address' }),
    };
    this.durations = metrics.histogram(requestDuration);
    this.refusals = metrics.counter(refusedRequests);
  }

  /** To be called before any route is registered: each route gets a hook of its own, which keeps its series. */
  watch(server: FastifyInstance): void {
    server.addHook('onRoute', (route) => {
      route.onResponse = [route.onResponse ?? [], this.hookOf(route.url)].flat();
    });
    const unmatched = this.hookOf(NO_ROUTE);
    server.addHook('onResponse', (request, reply, done) => {
      if (request.is404) unmatched(request, reply, done);
      else done();
    });
  }

  refused({ status, code }: ApiError): void {
    if (status < 500 || status === 503) this.refusals.of({ reason: code }).inc();
  }

  connectionRefused(reason: 'in all' | 'per address'): void {
    this.connections[reason].inc();
  }

  /** The series of a route template, by method and status. */
  seriesOf(http_route: string): (method: string, status: number) => HistogramSeries {
    const byMethod = new Map<string, Map<number, HistogramSeries>>();
    return (method, status) => {
      let byStatus = byMethod.get(method);
      if (byStatus === undefined) byMethod.set(method, (byStatus = new Map()));
      let series = byStatus.get(status);
      if (series === undefined) {
        const labels = {
          http_request_method: METHODS.has(method) ? method : '_OTHER',
          http_route,
          http_response_status_code: String(status),
        };
        byStatus.set(status, (series = this.durations.of(labels)));
      }
      return series;
    };
  }

  private hookOf(route: string): OnResponse {
    const seriesOf = this.seriesOf(route);
    return ({ method }, reply, done) => {
      seriesOf(method, reply.statusCode).observe(reply.elapsedTime / 1_000);
      done();
    };
  }
}
