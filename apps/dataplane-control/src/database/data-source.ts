import { AuditInJournal1796169600000 } from './migrations/1796169600000-audit-in-journal.js';
import { AuditOfAllServices1795784400000 } from './migrations/1795784400000-audit-of-all-services.js';
import { Dataplanes1795392000000 } from './migrations/1795392000000-dataplanes.js';
import { EarlyEvents1795478400000 } from './migrations/1795478400000-early-events.js';
import { EventsCarryCommands1795525200000 } from './migrations/1795525200000-events-carry-commands.js';
import { StateStream1795219200000 } from './migrations/1795219200000-state-stream.js';

export const entities = [];
export const migrations = [
  StateStream1795219200000,
  Dataplanes1795392000000,
  EarlyEvents1795478400000,
  EventsCarryCommands1795525200000,
  AuditOfAllServices1795784400000,
  AuditInJournal1796169600000,
];
