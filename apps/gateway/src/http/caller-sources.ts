import { Injectable } from '@nestjs/common';
import type { Caller, CallerSource } from './caller.js';

/** The source of each kind of credential. Each feature module adds its own. */
@Injectable()
export class CallerSources {
  private readonly byKind = new Map<Caller['via'], CallerSource>();

  add(source: CallerSource): void {
    this.byKind.set(source.kind, source);
  }

  /** Undefined where no feature of this process knows the kind. */
  of(kind: Caller['via']): CallerSource | undefined {
    return this.byKind.get(kind);
  }
}
