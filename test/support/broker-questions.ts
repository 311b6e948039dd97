/** The questions of `rabbitmq_auth_backend_http`, as RabbitMQ 3.10 and 4 send them. */
export class BrokerQuestions {
  constructor(
    private readonly port: number,
    private readonly vhost: string,
  ) {}

  async ask(path: string, form: Record<string, string>): Promise<string> {
    const body = new URLSearchParams(form);
    const response = await fetch(`http://127.0.0.1:${this.port}/broker/${path}`, { method: 'POST', body });
    return response.ok ? response.text() : String(response.status);
  }

  login(username: string, password: string): Promise<string> {
    return this.ask('user', { username, password });
  }

  connection(username: string, over: Record<string, string> = {}): Promise<string> {
    return this.ask('vhost', { username, vhost: this.vhost, ip: '127.0.0.1', tags: '', ...over });
  }

  use(username: string, permission: string, resource: string, name: string): Promise<string> {
    return this.ask('resource', { username, vhost: this.vhost, resource, name, permission, tags: '' });
  }

  topic(username: string, permission: string, name: string, key: string): Promise<string> {
    return this.ask('topic', {
      username,
      vhost: this.vhost,
      resource: 'topic',
      name,
      permission,
      tags: '',
      routing_key: key,
      'variable_map.username': username,
      'variable_map.vhost': this.vhost,
    });
  }
}
