/** A page beside that of the API: no inline script or style, which its content security policy would refuse. @param main HTML */
export const pageOf = (title: string, main: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Signalbox API: ${title.toLowerCase()}</title>
    <link rel="icon" href="/docs/favicon.png" />
    <link rel="stylesheet" href="/docs/page.css" />
  </head>
  <body>
    <nav><a href="/docs">API</a></nav>
    <main>
      <h1>${title}</h1>
${main}
    </main>
  </body>
</html>
`;
