import { DATASOURCE_CHANGE, datasourceChange } from '../messages/change.js';
import { exchanges } from '../messages/exchanges.js';
import { message, type ChannelContract } from './message-contract.js';

/** What the datasources of customers are changed by, for those who bind a queue of their own. */
export const changeChannels: readonly ChannelContract[] = [
  {
    id: 'changes',
    exchange: exchanges.changes,
    key: '{datasource}.{schema}.{table}.{op}',
    summary: 'Changes of the rows of datasources.',
    messages: [
      message({
        type: DATASOURCE_CHANGE,
        summary: 'One change of one row of a datasource.',
        schema: datasourceChange,
        example: {
          id: 'ds_5k2m9x7q1v8b3n6c4z0a7s2d:0/1A2B3C8:1.0',
          datasource: 'ds_5k2m9x7q1v8b3n6c4z0a7s2d',
          source: 'direct',
          op: 'update',
          schema: 'public',
          table: 'orders',
          lsn: '0/1A2B3C8',
          committed_at: '2026-11-29T15:46:01.123456Z',
          key: { id: '42' },
          before: null,
          after: { id: '42', total: '19.90', paid: true },
          unchanged: ['invoice'],
        },
      }),
    ],
    senders: ['datasource-sync'],
    receivers: ['consumer'],
    persistent: true,
  },
];
