import fc from 'fast-check';
import type { Operation, Parameter } from './document.js';
import { oddBody, oddHeaders, oddQuery, oddSegment, wellFormed } from './odd-values.js';
import { record, type Values } from './values.js';
import { spoiled } from './spoiled.js';

/** `known`: the nth of the objects that exist there when the call is sent. */
export type Segment = { readonly text: string } | { readonly known: number };

/** As which key a call is sent. */
export type Sender = 'admin' | 'manager' | 'member' | 'none';

/** A call before it is known which objects exist. */
export interface Call {
  readonly operation: Operation;
  readonly segments: readonly Segment[];
  /** With the question mark, or empty. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly sender: Sender;
}

const sender: fc.Arbitrary<Sender> = fc.oneof(
  { weight: 90, arbitrary: fc.constant('admin' as const) },
  { weight: 5, arbitrary: fc.constant('manager' as const) },
  { weight: 4, arbitrary: fc.constant('member' as const) },
  // Refused after more than a second: few.
  { weight: 1, arbitrary: fc.constant('none' as const) },
);

/** What calls are made of. */
export interface Material {
  readonly values: Values;
  /** Bodies that are accepted, by the title of the operation. */
  readonly bodies: Readonly<Record<string, readonly unknown[]>>;
}

/** Calls of one operation. */
export function callsOf(operation: Operation, { values, bodies }: Material): fc.Arbitrary<Call> {
  const parametersIn = (place: string): Parameter[] => operation.parameters.filter((each) => each.in === place);
  return fc.record({
    operation: fc.constant(operation),
    segments: fc.tuple(...operation.path.slice(1).split('/').map(segmentOf)),
    query: queryOf(parametersIn('query'), values),
    headers: fc
      .tuple(headersOf(parametersIn('header'), values), rarely(oddHeaders, {}, 12))
      .map(([described, odd]) => ({ ...described, ...odd })),
    body: bodyOf(operation, values, bodies[operation.title] ?? []),
    sender,
  });
}

function segmentOf(part: string): fc.Arbitrary<Segment> {
  if (!/^\{.+\}$/.test(part)) return fc.constant({ text: part });
  return fc.oneof(
    { weight: 3, arbitrary: fc.nat(1_000).map((known) => ({ known })) },
    { weight: 1, arbitrary: oddSegment.map((text) => ({ text })) },
  );
}

function queryOf(parameters: readonly Parameter[], values: Values): fc.Arbitrary<string> {
  const pairs = parameters.map(({ name, schema }) =>
    fc.option(
      values.of(schema).map((value) => `${name}=${encodeURIComponent(asText(value))}`),
      { nil: undefined, freq: 1 },
    ),
  );
  const described = fc.tuple(...pairs).map((given) => given.filter((pair) => pair !== undefined).join('&'));
  return fc
    .oneof({ weight: 10, arbitrary: described }, { weight: 1, arbitrary: oddQuery })
    .map((query) => (query === '' ? '' : `?${query}`));
}

function headersOf(parameters: readonly Parameter[], values: Values): fc.Arbitrary<Record<string, string>> {
  const model = Object.fromEntries(
    parameters.map(({ name, schema }) => [
      name.toLowerCase(),
      // What HTTP can carry in a header.
      values.of(schema).map((value) =>
        asText(value)
          .replaceAll(/[^\x20-\x7e\x80-\xff]/g, '?')
          .slice(0, 4_000),
      ),
    ]),
  );
  return record(model, []);
}

function bodyOf(
  { body, method }: Operation,
  values: Values,
  accepted: readonly unknown[],
): fc.Arbitrary<Buffer | undefined> {
  if (body === undefined) return rarely<Buffer | undefined>(oddBody, undefined, method === 'GET' ? 30 : 10);
  const made = accepted.length > 0 ? fc.oneof(values.of(body), spoiled(fc.constantFrom(...accepted))) : values.of(body);
  return fc.oneof(
    { weight: 12, arbitrary: made.map((value) => Buffer.from(JSON.stringify(value))) },
    { weight: 1, arbitrary: oddBody },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

const asText = (value: unknown): string =>
  wellFormed(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 4_000);

const rarely = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T, outOf: number): fc.Arbitrary<T> =>
  fc.oneof({ weight: outOf - 1, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary });
