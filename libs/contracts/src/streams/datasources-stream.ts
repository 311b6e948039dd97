import { defineStream } from './stream-definition.js';

/** What datasource-sync publishes: as yet nothing but that it is there. */
export const datasourcesStream = defineStream({ name: 'datasources', entries: {} });
