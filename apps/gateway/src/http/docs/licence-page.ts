import { pageOf } from './page.js';

/** The page at `/docs/licence`, to which the document refers. */
export const LICENCE_PAGE = pageOf(
  'Licence',
  '      <p>There is no licence yet: the owner of Signalbox has not chosen one.</p>',
);
