export { collectLogs, type CollectedLogs } from './collect-logs.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { FakeClock } from './fake-clock.js';
export { startTestInfra, type TestInfra } from './start-test-infra.js';
export { testBroker, type TestBroker } from './test-broker.js';
export { testDatabase, type TestDatabase } from './test-database.js';
