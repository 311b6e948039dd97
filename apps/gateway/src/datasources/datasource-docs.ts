import { datasourceApiError } from '@signalbox/contracts/http';
import { errorsLike } from '../http/docs/documented.js';

/** The errors of a route in the shape of this API. */
export const datasourceErrors = errorsLike(datasourceApiError);

/** The errors that every change may have. */
export const changeErrors = (...more: number[]): MethodDecorator =>
  datasourceErrors(...[400, 401, 403, 413, 415, 429, 503, 504, ...more].toSorted((a, b) => a - b));

/** Both spellings of the path: clients of the documented API append it to `/api`. */
export const DATASOURCE_PATHS = ['v1/datasources', 'api/v1/datasources'];
