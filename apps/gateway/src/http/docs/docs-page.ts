/** The page at `/docs`. It has no inline script or style, which its content security policy would refuse. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Signalbox API</title>
    <link rel="icon" href="/docs/favicon.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="stylesheet" href="/docs/page.css" />
    <script src="/docs/swagger-ui.js" defer></script>
    <script src="/docs/page.js" defer></script>
  </head>
  <body>
    <nav>
      <a href="/openapi.json">OpenAPI (JSON)</a>
      <a href="/asyncapi.json">AsyncAPI (JSON)</a>
      <a href="/docs/errors">Error codes</a>
    </nav>
    <div id="page"></div>
  </body>
</html>
`;

/** Swagger UI itself would keep credentials in the storage that all tabs share, and that outlives them. */
export const DOCS_SCRIPT = `const KEPT = 'signalbox-authorized';
const keepForTab = {
  statePlugins: {
    auth: {
      wrapActions: {
        persistAuthorizationIfNeeded: (_original, system) => () =>
          sessionStorage.setItem(KEPT, JSON.stringify(system.authSelectors.authorized().toJS())),
      },
    },
  },
};
const ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#page',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  plugins: [() => keepForTab],
  onComplete: () => {
    const kept = sessionStorage.getItem(KEPT);
    if (kept !== null) ui.authActions.restoreAuthorization({ authorized: JSON.parse(kept) });
  },
});
`;

export const DOCS_STYLE = `body { margin: 0; font-family: sans-serif; line-height: 1.5; }
nav { display: flex; gap: 1.5rem; padding: 0.75rem 1.25rem; background: #1b1b1b; }
nav a { color: #fff; }
main { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem 3rem; }
dt { margin-top: 1rem; font-family: monospace; font-weight: bold; }
dt:target { background: #ffe58a; }
dd { margin: 0; }
`;
