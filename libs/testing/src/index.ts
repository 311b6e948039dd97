export { collectLogs, type CollectedLogs } from './collect-logs.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { FakeClock } from './fake-clock.js';
export { FaultyBroker } from './faults/faulty-broker.js';
export { FaultyDatabase } from './faults/faulty-database.js';
export { TcpProxy, type ProxyTarget } from './faults/tcp-proxy.js';
export { startTestInfra, type TestInfra } from './start-test-infra.js';
export { testBroker, type TestBroker } from './test-broker.js';
export { testDatabase, type TestDatabase } from './test-database.js';
