import type { OperationEntry } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import type { Waiter } from '../http/waiter.js';
import type { DataplaneClient } from './dataplane-client.js';
import type { DataplaneCommands } from './dataplane-commands.js';
import type { DataplaneRecord, DataplaneView } from './dataplane.view.js';
import { OperationsController } from './operations.controller.js';

const ID = 'op-0123456789';

/** The controller on a view with these entries. */
const controller = (hasSnapshot: boolean, dataplanes: string[], operation?: Partial<OperationEntry>) => {
  const view = {
    hasSnapshot,
    dataplane: (name: string) => (dataplanes.includes(name) ? ({ name } as DataplaneRecord) : undefined),
    operation: (id: string) => (operation?.id === id ? operation : undefined),
  } as unknown as DataplaneView;
  return new OperationsController(view, {} as DataplaneCommands, {} as DataplaneClient, {} as Waiter);
};

describe('showing an operation', () => {
  it('answers 503 before the first snapshot', () => {
    expect(() => controller(false, []).show('main', ID)).toThrow(
      expect.objectContaining({ status: 503, code: 'not_ready' }),
    );
  });

  it('answers 503 before the first snapshot also where the dataplane has reported already', () => {
    expect(() => controller(false, ['main']).show('main', ID)).toThrow(
      expect.objectContaining({ status: 503, code: 'not_ready' }),
    );
  });

  it('answers 404 for an unknown dataplane and for an operation of another one', () => {
    expect(() => controller(true, []).show('main', ID)).toThrow(
      expect.objectContaining({ status: 404, code: 'dataplane_not_found' }),
    );
    const other = controller(true, ['main', 'other'], { id: ID, dataplane: 'other' });
    expect(() => other.show('main', ID)).toThrow(expect.objectContaining({ status: 404, code: 'operation_not_found' }));
    expect(other.show('other', ID)).toEqual({ id: ID, dataplane: 'other' });
  });
});
