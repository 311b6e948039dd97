import { errorCodes } from '../errors/error-codes.js';
import { pageOf } from './page.js';

/** The page at `/docs/errors`: each code is an anchor, to which `doc_url` of an error refers. */
export const ERRORS_PAGE = pageOf(
  'Error codes',
  `      <p>The <code>type</code> of problem details (RFC 9457) is <code>urn:signalbox:problem:</code> and the code. Each error has a
        <code>request_id</code>, under which the logs have it.</p>
      <dl>
${Object.entries(errorCodes)
  .map(([code, meaning]) => `        <dt id="${code}">${code}</dt>\n        <dd>${escape(meaning)}</dd>`)
  .join('\n')}
      </dl>`,
);

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
