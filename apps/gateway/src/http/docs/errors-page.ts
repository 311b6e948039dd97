import { errorCodes } from '../errors/error-codes.js';

/** The page at `/docs/errors`: each code is an anchor, to which `doc_url` of an error refers. */
export const ERRORS_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Signalbox API: error codes</title>
    <link rel="icon" href="/docs/favicon.png" />
    <link rel="stylesheet" href="/docs/page.css" />
  </head>
  <body>
    <nav><a href="/docs">API</a></nav>
    <main>
      <h1>Error codes</h1>
      <p>The <code>type</code> of problem details (RFC 9457) is <code>urn:signalbox:problem:</code> and the code. Each error has a
        <code>request_id</code>, under which the logs have it.</p>
      <dl>
${Object.entries(errorCodes)
  .map(([code, meaning]) => `        <dt id="${code}">${code}</dt>\n        <dd>${escape(meaning)}</dd>`)
  .join('\n')}
      </dl>
    </main>
  </body>
</html>
`;

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
