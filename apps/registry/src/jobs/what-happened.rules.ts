import type { JobDied } from '@signalbox/sandbox';

/** Why a job has no answer, after `… was ended: `. It may quote what the stranger sent. */
export function whatHappened({ reason, detail }: Pick<JobDied, 'reason' | 'detail'>, memoryBytes: number): string {
  switch (reason) {
    case 'crashed':
      return detail === undefined
        ? 'what it sent ended the process that read it'
        : `what it sent cannot be processed (${detail})`;
    case 'hung':
      return 'what it sent takes more time than it may';
    case 'out_of_memory':
      return `what it sent needs more memory than the ${Math.round(memoryBytes / 2 ** 20)} MiB that it may use`;
    case 'not_started':
      return 'the process for it could not be started. The log of the registry has the reason';
    case 'misbehaved':
      return 'the process that read it sent what it must not send';
  }
}
