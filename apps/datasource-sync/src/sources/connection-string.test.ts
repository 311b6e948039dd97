import { describe, expect, it } from 'vitest';
import { BadConnectionString } from './bad-connection-string.js';
import { parseConnectionString } from './connection-string.js';

const USUAL = {
  host: 'db.example.com',
  port: 5_432,
  database: 'shop',
  user: 'reader',
  password: 'secret',
  tls: 'prefer',
};

describe('parseConnectionString', () => {
  it.each([
    ['postgres://reader:secret@db.example.com/shop', {}],
    ['postgresql://reader:secret@DB.Example.com:6432/shop', { port: 6_432 }],
    ['postgres://reader:secret@db.example.com/shop?sslmode=verify-full', { tls: 'verify-full' }],
    ['postgres://reader:secret@db.example.com/shop?application_name=x&sslmode=disable', { tls: 'disable' }],
    ['postgres://reader:secret@db.example.com/shop?sslmode=require&channel_binding=prefer', { tls: 'require' }],
    ['postgres://reader:p%40s%3Fs%2F%23@db.example.com/shop', { password: 'p@s?s/#' }],
    ['postgres://reader:100%25@db.example.com/a%2Fb', { password: '100%', database: 'a/b' }],
    ['postgres://reader:secret@db.example.com/100%25', { database: '100%' }],
    ['postgres://reader:secret@db.example.com/a%2541', { database: 'a%41' }],
    ['postgres://reader:secret@db.example.com/a%2Fb', { database: 'a/b' }],
    ['postgres://reader:p%2Fq r@db.example.com/my shop', { password: 'p/q r', database: 'my shop' }],
    ['postgres://reader@db.example.com/shop', { password: '' }],
    ['postgres://reader:secret@10.0.0.1/shop', { host: '10.0.0.1' }],
    ['postgres://reader:secret@[::1]:5433/shop', { host: '::1', port: 5_433 }],
  ])('reads %s', (text, expected) => {
    expect(parseConnectionString(text)).toEqual({ ...USUAL, ...expected });
  });

  it.each([
    ['host=db user=reader', 'must start with postgres://'],
    ['/var/run/postgresql shop', 'must start with postgres://'],
    ['socket:/tmp?db=shop', 'must start with postgres://'],
    ['mysql://reader:secret@db/shop', 'must start with postgres://'],
    ['postgres://reader:secret@%2Fvar%2Frun/shop', 'one host'],
    ['postgres://reader:secret@/shop', 'one host'],
    ['postgres://reader:secret@a,b/shop', 'one host'],
    ['postgres://reader:secret@a:1,b:2/shop', 'cannot be read'],
    ['postgres://reader:secret@a:123456/shop', 'cannot be read'],
    ['postgres://reader:secret@a:0/shop', 'port must be'],
    ['postgres://reader:100%@db.example.com/shop', 'write %25'],
    ['postgres://reader:secret@db.example.com/100%', 'write %25'],
    ['postgres://db.example.com/shop', 'a user'],
    ['postgres://reader:secret@db.example.com', 'a database'],
    ['postgres://reader:sec#ret@db.example.com/shop', '%23'],
    ['postgres://reader:sec?ret@db.example.com/shop?sslmode=disable', '%3F'],
    ['postgres://reader:sec?ret@db.example.com/shop', '@ after the ?: write %3F'],
    ['postgres://reader:secret@db/shop?unknown=x', 'an unknown parameter, or a ? in the password: write %3F'],
    ['postgres://reader:secret@db/shop?constructor=x', 'an unknown parameter'],
    ['postgres://reader:secret@db/shop?sslrootcert=/etc/passwd', 'sslrootcert is not supported: send the certificate'],
    ['postgres://reader:secret@db/shop?host=169.254.169.254', 'host is not supported'],
    ['postgres://reader:secret@db/shop?passfile=/root/.pgpass', 'passfile is not supported'],
    ['postgres://reader:secret@db/shop?service=prod', 'service is not supported'],
    ['postgres://reader:secret@db/shop?options=-csearch_path%3Dx', 'options is not supported'],
    ['postgres://reader:secret@db/shop?channel_binding=require', 'channel_binding is not supported'],
    ['postgres://reader:secret@db/shop?sslmode=allow', 'sslmode must be one of'],
    ['postgres://reader:secret@db/shop?sslmode=disable&sslmode=require', 'sslmode must be one of'],
    ['postgres://reader:secret@db/shop%00', 'control characters'],
    [`postgres://reader:secret@db/${'d'.repeat(64)}`, '63 bytes'],
  ])('refuses %s', (text, why) => {
    expect(() => parseConnectionString(text)).toThrow(BadConnectionString);
    expect(() => parseConnectionString(text)).toThrow(why);
  });

  it('quotes nothing of the string', () => {
    for (const text of [
      'postgres://reader:canary@a:1,b/x',
      'canary',
      'postgres://u:canary@h/d?sslmode=canary',
      'postgres://u:sec?canary@h/d',
      'postgres://u:sec?canary',
      'postgres://u:p@h/d?x%00canary=1',
    ]) {
      expect(() => parseConnectionString(text)).toThrow(expect.not.stringContaining('canary') as Error);
    }
  });
});
