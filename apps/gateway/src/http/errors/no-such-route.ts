import { ApiError } from './api-error.js';

/** Made once: strangers cause it. `ApiErrorFilter` names the path, or the methods that it accepts. */
const NO_SUCH_ROUTE = new ApiError({ status: 404, code: 'not_found', detail: 'There is no such route.' });

export const noSuchRoute = (): ApiError => NO_SUCH_ROUTE;
