import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { LOGGER, type Logger } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ErrorReply } from './error-reply.js';
import { ApiError } from './errors/api-error.js';
import { RouteTable } from './route-table.js';
import { pathOf } from './request-path.js';
import { toApiError } from './errors/to-api-error.js';

/** The one place where an error becomes an answer, also for what fails before a controller is reached. */
@Catch()
export class ApiErrorFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly errors: ErrorReply,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const path = pathOf(request);
    const error = this.orWrongMethod(toApiError(thrown), request.method, path);
    const context = { request_id: request.id, path, code: error.code };
    if (error.status === 500) this.logger.error({ ...context, err: thrown }, 'request failed');
    else if (error.status > 501) this.logger.warn(context, 'request not served');
    this.errors.send({ error, request, reply });
  }

  private orWrongMethod(error: ApiError, method: string, path: string): ApiError {
    if (error.code !== 'not_found') return error;
    const allowed = this.routes.methodsOf(path);
    if (allowed.length === 0) {
      return new ApiError({ status: 404, code: 'not_found', detail: `There is no route ${path}.` });
    }
    return new ApiError({
      status: 405,
      code: 'method_not_allowed',
      detail: `${path} does not accept ${method}. It accepts ${allowed.join(', ')}.`,
      headers: { allow: allowed.join(', ') },
    });
  }
}
