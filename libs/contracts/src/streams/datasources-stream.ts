import { defineStream } from './stream-definition.js';

/** What datasource-sync publishes. It has no entries yet: its beacons show that the service is available. */
export const datasourcesStream = defineStream({ name: 'datasources', entries: {} });
