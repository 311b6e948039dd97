export { checkPostgres } from './check/check-postgres.js';
export { followPostgres } from './follow/follow-postgres.js';
