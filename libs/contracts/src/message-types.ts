/** The `type` property of each message. */
export const messageTypes = {
  heartbeat: 'reader.heartbeat',
  delta: 'state.delta',
  beacon: 'state.beacon',
  beats: 'state.beats',
  report: 'dataplane.report',
  snapshotRequest: 'state.snapshot-request',
} as const;
