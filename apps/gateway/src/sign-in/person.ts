import { createHash } from 'node:crypto';

/** The id of a person: the same at each sign-in, and of different people never the same. */
export const personOf = (issuer: string, subject: string): string =>
  `person_${createHash('sha256').update(`${issuer}\n${subject}`).digest('hex').slice(0, 32)}`;

/** What people call the person: at most 100 characters, without characters that a terminal would interpret. */
export function nameOf({ name, preferred_username, email, sub }: Record<string, unknown>): string {
  const texts = [name, preferred_username, email, sub].filter((text) => typeof text === 'string');
  const clean = texts.map((text) =>
    text
      .replaceAll(/\p{Cs}/gu, '\ufffd')
      .replaceAll(/\p{Cc}/gu, '')
      .trim(),
  );
  const [, bounded] = /^(.{0,100})/su.exec(clean.find((text) => text !== '') ?? 'unnamed') ?? [];
  return bounded!;
}

/** The groups in a claim: a list of names, or one name. */
export function groupsOf(claim: unknown): string[] {
  return [claim].flat().filter((group) => typeof group === 'string');
}
