import { askedBy, type OperationEvent, type RunCommand } from '@signalbox/contracts/messages';
import { describe, expect, it } from 'vitest';
import { operationOf, withEvent } from './operation.rules.js';

const command: RunCommand = {
  operation_id: 'op-0123456789',
  dataplane: 'main',
  request: { kind: 'hash-tree', path: 'data' },
  requested_at: 100,
  by: askedBy.parse({ key_id: null, request_id: 'r', address: '::1' }),
};
const event = (step: OperationEvent['step'], at: number, more: Partial<OperationEvent> = {}): OperationEvent => ({
  dataplane: 'main',
  boot_id: 'a',
  kind: 'operation',
  operation_id: command.operation_id,
  step,
  at,
  ...more,
});
const after = (...events: OperationEvent[]) =>
  events.reduce((operation, each) => withEvent(operation, each, 1_000) ?? operation, operationOf(command));

describe('an operation', () => {
  it('runs again after an interruption, and ends with its result', () => {
    const finished = event('finished', 500, { result: 7 });
    const ended = after(event('started', 200), event('interrupted', 300), event('started', 400), finished);
    expect(ended).toMatchObject({ state: 'finished', result: 7, error: null });
    expect(ended.timeline.map(({ state }) => state)).toEqual([
      'queued',
      'running',
      'interrupted',
      'running',
      'finished',
    ]);
  });

  it('has one end', () => {
    const failed = after(event('failed', 200, { error: 'no such table' }));
    expect(withEvent(failed, event('finished', 300), 1_000)).toBeUndefined();
    expect(failed).toMatchObject({ state: 'failed', error: 'no such table' });
  });

  it('does not change by an event that is delivered again', () => {
    expect(withEvent(after(event('started', 200)), event('started', 200), 1_000)).toBeUndefined();
  });

  it('shows no step before the step before it or in the future, whatever the clock of the agent', () => {
    expect(after(event('started', 5)).timeline.at(-1)).toEqual({ state: 'running', at: 100 });
    expect(after(event('started', 9_999)).timeline.at(-1)).toEqual({ state: 'running', at: 1_000 });
  });

  it('keeps its latest 50 steps', () => {
    const steps = Array.from({ length: 60 }, (_, index) => event(index % 2 === 0 ? 'started' : 'interrupted', 200));
    expect(after(...steps).timeline).toHaveLength(50);
  });
});
