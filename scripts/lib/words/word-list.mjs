// @ts-check

/**
 * @typedef {{ word: RegExp, instead: string, allow?: RegExp }} Rule
 *   `word`: matched without regard to case, also inside identifiers (`heardAt` contains `heard`);
 *   `allow`: what may contain it, with the reason in a comment
 */

/**
 * Words that this repository does not use, since they are ambiguous, out of date or a private term for something that has a
 * common one. Only words that are wrong wherever they stand are listed: the others are left to the reviewer.
 * @type {Rule[]}
 */
export const words = [
  { word: /anew/, instead: 'again, reload, retry' },
  { word: /whoever/, instead: 'the caller, client, operator, sender or owner: name which' },
  { word: /somebody/, instead: 'a caller, client, operator, sender or owner: name which' },
  {
    word: /nobody/,
    instead: 'no caller, client, operator or process: name which',
    // The user of Unix systems.
    allow: /[`']nobody[`:]/g,
  },
  { word: /nowhere/, instead: 'not found, unknown' },
  { word: /good ?byes?|last words?/, instead: 'graceful shutdown message, deregistration' },
  { word: /tellers?/, instead: 'publisher, announcer, reporter' },
  { word: /obey(s|ed|ing)?/, instead: 'execute (a command), follow (a rule)' },
  { word: /mend(s|ed|ing)?/, instead: 'fix' },
  {
    word: /(un)?park(s|ed|ing)?|set(s|ting)? aside/,
    instead: 'dead-letter, dead-lettered',
    // The header that holds the time: clients and stored messages have it.
    allow: /x-parked-at/g,
  },
  { word: /who may/, instead: 'the required role' },
  {
    word: /away/,
    instead: 'unavailable, down or disconnected: say which',
    // At once, and to remove: no state of a process.
    allow:
      /\b(right|straight) away\b|\b(takes?|taken|throws?|thrown|strips?|stripped|gives?|given|carried|tears?) (\w+ )?away\b/gi,
  },
  { word: /tells?|telling|told/, instead: 'publish, report, return, print (a program), know, be given' },
  {
    word: /hears?|hearing|heard/,
    instead: 'receive, received',
    // A column of the table of readers.
    allow: /\bheard_at\b/g,
  },
  {
    word: /life|lives/,
    instead: 'incarnation; time or duration; is stored in (a place)',
    // Field terms.
    allow: /\b(life[- ]?cycles?|life[- ]?times?)\b|lifecycle|lifetime/gi,
  },
  { word: /books?/, instead: "the thing's own name: report store, restart log" },
];

/** Paths that keep their text: what has been applied to databases, and this list with its own test. */
export const excludedPaths = [
  /\/migrations\//,
  /^package-lock\.json$/,
  /^scripts\/lib\/words\/word-list\.mjs$/,
  /^scripts\/lib\/words\/find-words\.test\.ts$/,
];
