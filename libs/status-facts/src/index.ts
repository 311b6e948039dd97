export { activeAt, toActiveNotice } from './active-notices.js';
export { DataplaneReports, type LastReport } from './dataplane-reports.js';
export { FollowedFacts, type FactOptions, type StreamFacts } from './followed-facts.js';
export { ReaderStates } from './reader-states.js';
export { shownSecond } from './readers/reader-candidate.rules.js';
export type { ShownListener } from './readers/merged-readers.js';
export { Readers } from './readers/readers.js';
