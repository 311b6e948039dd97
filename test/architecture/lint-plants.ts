import type { Plant } from './planted-tree.js';

/** One violation of each rule that lint keeps; each stands in a file of its own. */
export const lintPlants: readonly Plant[] = [
  {
    kind: 'a domain file imports a framework',
    file: 'apps/reader-heartbeat/src/liveness/planted-nest.ts',
    text: "import { Injectable } from '@nestjs/common';\nexport const planted = Injectable;\n",
    says: /Domain code is pure: no framework/,
  },
  {
    kind: 'a domain file imports even a type of a framework',
    file: 'apps/reader-heartbeat/src/liveness/planted-nest-type.ts',
    text: "import type { Type } from '@nestjs/common';\nexport type Planted = Type;\n",
    says: /Domain code is pure: no framework/,
  },
  {
    kind: 'a domain file does I/O',
    file: 'libs/state-streams/src/core/planted-io.ts',
    text: "export const planted = (): unknown => import('node:fs');\n",
    says: /Domain code is pure: no framework/,
  },
  {
    kind: 'a domain file reads the clock',
    file: 'libs/state-streams/src/core/planted-clock.ts',
    text: 'export const planted = (): number => Date.now();\n',
    says: /Domain code is told what time it is/,
  },
  {
    kind: 'a domain file reads the clock by another way',
    file: 'libs/state-streams/src/core/planted-global.ts',
    text: 'export const planted = (): number => globalThis.Date.now();\n',
    says: /Domain code is pure/,
  },
  {
    kind: 'a domain file sets a timer',
    file: 'apps/reader-heartbeat/src/liveness/planted-timer.ts',
    text: 'export const planted = (run: () => void): unknown => setTimeout(run, 1);\n',
    says: /Domain code has no timers/,
  },
  {
    kind: 'a domain file imports code, not types, of the platform',
    file: 'apps/reader-heartbeat/src/liveness/planted-platform.ts',
    text: "import { systemClock } from '@signalbox/platform';\nexport const planted = systemClock;\n",
    says: /Domain code is pure: types only/,
  },
  {
    kind: 'a domain file imports code of its app that is not pure',
    file: 'apps/reader-heartbeat/src/liveness/planted-impure.ts',
    text: "import { ExpiryTimer } from '../partition/expiry-timer.js';\nexport const planted = ExpiryTimer;\n",
    says: /Domain code is pure: types only/,
  },
  {
    kind: 'the core of state streams imports code, not types, of contracts',
    file: 'libs/state-streams/src/core/planted-contracts.ts',
    text: "import { text } from '@signalbox/contracts/messages';\nexport const planted = text;\n",
    says: /Domain code is pure: types only/,
  },
  {
    kind: 'the core of state streams imports code, not types, of the platform',
    file: 'libs/state-streams/src/core/planted-platform.ts',
    text: "import { systemClock } from '@signalbox/platform';\nexport const planted = systemClock;\n",
    says: /Domain code is pure: types only/,
  },
  {
    kind: 'contracts import more than zod',
    file: 'libs/contracts/src/planted-import.ts',
    text: "import { randomUUID } from 'node:crypto';\nexport const planted = randomUUID;\n",
    says: /Contracts import zod only/,
  },
  {
    kind: 'a service imports what is for tests',
    file: 'apps/gateway/src/planted-testing.ts',
    text: "import { eventually } from '@signalbox/testing';\nexport const planted = eventually;\n",
    says: /What runs in production does not import what is for tests/,
  },
  {
    kind: 'a lib imports what is for tests',
    file: 'libs/messaging/src/planted-testing.ts',
    text: "import { eventually } from '@signalbox/testing';\nexport const planted = eventually;\n",
    says: /What runs in production does not import what is for tests/,
  },
  {
    kind: 'the reader client imports a part of a service',
    file: 'libs/reader-client/src/planted-platform.ts',
    text: "import { systemClock } from '@signalbox/platform';\nexport const planted = systemClock;\n",
    says: /A model reader takes contracts with it and no part of a service/,
  },
  {
    kind: 'process.env outside config.ts',
    file: 'apps/gateway/src/planted-env.ts',
    text: "export const planted = process.env['PORT'];\n",
    says: /The environment is read in config/,
  },
  {
    kind: 'process.env by another way',
    file: 'libs/messaging/src/planted-env.ts',
    text: "import { env } from 'node:process';\nexport const planted = env['PORT'];\n",
    says: /The environment is read in config/,
  },
  {
    kind: 'files import each other in a circle',
    file: 'apps/gateway/src/planted-circle-there.ts',
    text: "import { back } from './planted-circle-back.js';\nexport const there = (): unknown => back;\n",
    says: /no-cycle/,
  },
  {
    kind: 'files import each other in a circle, the way back',
    file: 'apps/gateway/src/planted-circle-back.ts',
    text: "import { there } from './planted-circle-there.js';\nexport const back = (): unknown => there;\n",
    says: /no-cycle/,
  },
  {
    kind: 'a promise nobody waits for',
    file: 'apps/gateway/src/planted-floating.ts',
    text: 'const work = async (): Promise<void> => undefined;\nexport const planted = (): void => {\n  work();\n};\n',
    says: /no-floating-promises/,
  },
];
