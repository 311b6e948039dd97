import findMyWay from 'find-my-way';
import type { FastifyInstance } from 'fastify';

/** The methods of each registered path, to distinguish a wrong method (405) from a wrong path (404), and the route of a request that Fastify has not seen. */
export class RouteTable {
  private readonly router = findMyWay();
  private readonly methods = new Set<findMyWay.HTTPMethod>();

  /** To be called before any route is registered. */
  watch(server: FastifyInstance): void {
    server.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) this.add(each as findMyWay.HTTPMethod, url);
    });
  }

  /** The methods of a path without its query. */
  methodsOf(path: string): string[] {
    return [...this.methods].filter((method) => this.router.find(method, path) !== null).toSorted();
  }

  /** The template of the route that serves the path; undefined where there is none. */
  templateOf(method: string, path: string): string | undefined {
    return this.router.find(method as findMyWay.HTTPMethod, path)?.store as string | undefined;
  }

  private add(method: findMyWay.HTTPMethod, url: string): void {
    if (this.router.findRoute(method, url) !== null) return;
    this.methods.add(method);
    this.router.on(method, url, () => undefined, url);
  }
}
