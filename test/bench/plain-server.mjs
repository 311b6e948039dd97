// @ts-check
import { createServer } from 'node:http';

// The reference: node:http in a process of its own, sending the bytes it is given.
process.once('message', (text) => {
  const bytes = Buffer.from(String(text));
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'application/json').end(bytes),
  );
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
});
