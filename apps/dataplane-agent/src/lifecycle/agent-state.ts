import type { DataplaneReport } from '@signalbox/contracts/messages';
import type { Logger } from '@signalbox/platform';
import type { Engine } from '../engines/engine.js';

export interface AgentStateOptions {
  readonly engine: Pick<Engine, 'ready' | 'problem'>;
  /** Whether the broker delivers the queues of this dataplane. */
  readonly isConsuming: () => boolean;
  readonly logger: Logger;
}

/** The state that the agent reports. Until it stops it follows from the engine and the queues. */
export class AgentState {
  private stopPhase: 'draining' | 'stopped' | undefined;
  private lastSeen: DataplaneReport['state'] = 'starting';

  constructor(private readonly options: AgentStateOptions) {}

  get current(): DataplaneReport['state'] {
    if (this.stopPhase !== undefined) return this.stopPhase;
    return this.options.isConsuming() && this.options.engine.ready ? 'running' : 'starting';
  }

  /** Why it is not running yet, for people. */
  get reason(): string | undefined {
    if (this.current !== 'starting') return undefined;
    const { engine } = this.options;
    if (!engine.ready) return engine.problem ?? 'the engine is not ready';
    return 'its queues are not there or do not answer';
  }

  /** From now on it is this, whatever the engine and the queues are. */
  enter(phase: 'draining' | 'stopped'): void {
    this.stopPhase = phase;
  }

  /** Whether the state is another one than at the call before. */
  hasChanged(): boolean {
    const { current, lastSeen } = this;
    if (current === lastSeen) return false;
    this.options.logger.info({ state: current, before: lastSeen }, 'state changed');
    this.lastSeen = current;
    return true;
  }
}
