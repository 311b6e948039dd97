export { checkEndpoint } from './check-endpoint.js';
export { followEndpoint } from './follow-endpoint.js';
