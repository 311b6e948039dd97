import { serviceStatusShape } from './errors/service-status.shape.js';
import type { RoutePolicy } from './route-policies.js';

export const httpPolicies: readonly RoutePolicy[] = [
  { prefix: '/docs', read: 'public', write: 'public' },
  { prefix: '/openapi.json', read: 'public', write: 'public' },
  { prefix: '/asyncapi.json', read: 'public', write: 'public' },
  // Documented APIs that this gateway does not serve yet: their clients get the documented errors already.
  { prefix: '/v1/history', read: 'member', write: 'member', area: 'status', errors: serviceStatusShape },
  { prefix: '/v1/events', read: 'member', write: 'member', area: 'status', errors: serviceStatusShape },
];
