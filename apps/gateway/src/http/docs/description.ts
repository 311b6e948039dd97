/** What the document says before its operations. */
export const DESCRIPTION = `
One status and control plane for data and model platforms.

**Keys.** Send an API key as \`X-Api-Key: <key>\`, as \`Authorization: Bearer <key>\` or as the password of \`Authorization: Basic\`. Its role is
member, manager or admin; each includes the ones before it. Scopes, networks and the kind of a key limit it further. Admins make keys with
\`POST /v1/keys\`. A token of \`POST /v1/tokens\`, a JWT, is sent in the same ways and does what its key may do.

**Sessions.** People sign in with a browser at \`/v1/session/sign-in\`, where the deployment has an identity provider. A request that changes something
needs the \`csrf_token\` of \`GET /v1/session\` as \`X-CSRF-Token\`.

**Limits.** Requests below \`/v1\` are counted for each key. The headers \`X-RateLimit-*\`, \`RateLimit\` and \`RateLimit-Policy\` show what
its account's tier allows and what is left. Beyond that the answer is 429 with \`Retry-After\`.

**Errors** are RFC 9457 problem details with a stable \`code\` and the \`request_id\` that is also in the X-Request-Id header,
or what the API of that prefix documents. [/docs/errors](/docs/errors) lists all codes.

**Messages.** \`/asyncapi.json\` describes every message that travels through RabbitMQ; docs/messages.md of the repository explains them.
`;
