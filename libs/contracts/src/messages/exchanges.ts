/**
 * Every exchange of Signalbox, by what travels through it, except those of the partitions of readers. All are durable; `docs/messages.md`
 * describes them.
 */
export const exchanges = {
  heartbeats: { name: 'signalbox.heartbeats', type: 'topic' },
  // Spreads heartbeats over the partitions, by a hash of the routing key.
  heartbeatRing: { name: 'signalbox.heartbeats.ring', type: 'x-consistent-hash' },
  // Not that of the other commands: readers may bind queues of their own to it.
  readerCommands: { name: 'signalbox.reader-commands', type: 'topic' },
  reports: { name: 'signalbox.reports', type: 'topic' },
  commands: { name: 'signalbox.commands', type: 'topic' },
  // A topic exchange like all: the broker checks routing keys on no other type.
  requests: { name: 'signalbox.calls', type: 'topic' },
  replies: { name: 'signalbox.replies', type: 'topic' },
  state: { name: 'signalbox.state', type: 'topic' },
  audit: { name: 'signalbox.audit', type: 'topic' },
  changes: { name: 'signalbox.changes', type: 'topic' },
  retry: { name: 'signalbox.retry', type: 'topic' },
  deadLetters: { name: 'signalbox.dead-letters', type: 'topic' },
  refusedHeartbeats: { name: 'signalbox.refused-heartbeats', type: 'topic' },
} as const;
