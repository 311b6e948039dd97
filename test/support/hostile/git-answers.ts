// A git server with one commit, and what may be wrong with it.
import { gitBomb } from './git-bomb.js';
import {
  advertisementOf,
  baseOf,
  commitOf,
  FLUSH,
  idOf,
  packOf,
  pkt,
  repeatingDelta,
  repositoryOf,
  treeOf,
  TYPES,
  uploadOf,
  varint,
} from './git-pack.js';
import { httpAnswer } from './http-answer.js';
import { spoil } from './spoil.js';
import type { Random } from './random.js';
import type { Conversation, Turn } from './spoil.js';
import type { PackedObject } from './git-pack.js';

const advertised = (body: Buffer) =>
  httpAnswer(body, { 'content-type': 'application/x-git-upload-pack-advertisement' });
const uploaded = (body: Buffer) => httpAnswer(body, { 'content-type': 'application/x-git-upload-pack-result' });

const { head, objects } = repositoryOf({ 'publisher.json': '{"description":"good"}', 'README.md': '# Good' });
const NOTHING = Buffer.alloc(0);

const serving = (pack: Buffer, id = head): Turn[] =>
  [advertised(advertisementOf(id)), uploaded(uploadOf(pack, id))].map((bytes) => ({ bytes }));

export const GOOD: Conversation = { what: 'good', http: true, turns: serving(packOf(objects)) };

/** A repository of which tree and commit are what they are. */
function oddRepository(tree: Buffer, commit: (id: string) => Buffer = commitOf): Turn[] {
  const content = commit(idOf('tree', tree));
  const made = [{ type: TYPES.commit, content }, { type: TYPES.tree, content: tree }, ...objects.slice(2)];
  return serving(packOf(made), idOf('commit', content));
}

const blob = (text: string): PackedObject => ({ type: TYPES.blob, content: Buffer.from(text) });

function oddObject(random: Random, object: PackedObject): PackedObject {
  const lies = [
    { ...object, type: random.int(8) },
    { ...object, size: random.pick([0, 1, object.content.length - 1, object.content.length + 1, 2 ** 31, 2 ** 40]) },
    { ...object, packed: random.bytes(random.int(60)) },
    { ...object, type: TYPES.refDelta, base: random.bytes(20) },
    { ...object, type: TYPES.ofsDelta, base: Buffer.from(varint(random.int(5_000))) },
  ];
  return random.pick(lies);
}

const OWN: ((random: Random) => Omit<Conversation, 'http'>)[] = [
  (random) => {
    const at = random.int(objects.length);
    const odd = objects.map((object, index) => (index === at ? oddObject(random, object) : object));
    return { what: `an odd object ${at}`, turns: serving(packOf(odd)) };
  },
  (random) => ({
    what: 'a pack with odd counts',
    turns: serving(
      packOf(objects, {
        count: random.pick([0, 1, 5, 0xffff, 0x7fffffff, 0xffffffff]),
        version: random.pick([2, 2, 0, 3, 0xffffffff]),
      }),
    ),
  }),
  (random) => ({
    what: 'a tree with odd entries',
    turns: oddRepository(
      treeOf([
        [
          random.pick(['100644', '040000', '160000', '120000', '0', '99999999999999', '']),
          random.pick(['publisher.json', '..', '.git', '/etc/passwd', '', 'x'.repeat(70_000), '\u0000']),
          objects[2] ? idOf('blob', objects[2].content) : head,
        ],
      ]),
    ),
  }),
  (random) => ({ what: 'a tree of chance', turns: oddRepository(random.bytes(random.int(300))) }),
  (random) => ({
    what: 'a tree that contains itself',
    turns: (() => {
      const id = random.bytes(20).toString('hex');
      return oddRepository(
        treeOf([
          ['040000', 'publisher.json', id],
          ['100644', 'publisher.json', id],
        ]),
      );
    })(),
  }),
  (random) => ({
    what: 'a commit of another form',
    turns: oddRepository(Buffer.alloc(0), (id) =>
      Buffer.from(
        random.pick([
          '',
          'tree',
          `tree ${id}`,
          `parent ${id}\n\n`,
          `tree ${'0'.repeat(40)}\n\n`,
          `${'x'.repeat(100_000)}\n\n`,
          '\0\0\0',
        ]),
      ),
    ),
  }),
  (random) => ({
    what: 'deltas of deltas',
    turns: (() => {
      const base = blob('x'.repeat(1_000));
      const chain = Array.from({ length: 50 + random.int(2_000) }, () => ({
        type: TYPES.refDelta,
        base: baseOf(idOf('blob', base.content)),
        content: repeatingDelta(1_000, 1),
      }));
      return serving(packOf([...objects, base, ...chain]));
    })(),
  }),
  (random) => ({
    what: 'a delta of chance',
    turns: serving(
      packOf([
        ...objects,
        {
          type: TYPES.refDelta,
          base: baseOf(idOf('blob', objects[2]?.content ?? NOTHING)),
          content: random.bytes(1 + random.int(100)),
        },
      ]),
    ),
  }),
  (random) => ({
    what: 'a bomb',
    turns: (() => {
      const { head: id, pack } = gitBomb(780, random.pick([195, 65, 390]));
      return serving(pack, id);
    })(),
  }),
  (random) => ({
    what: 'a blob that unpacks to more than is read',
    turns: serving(
      packOf([...objects, { type: TYPES.blob, content: Buffer.alloc(random.pick([1, 8, 16]) * 2 ** 20) }]),
    ),
  }),
  (random) => ({
    what: 'many refs',
    turns: [
      {
        bytes: advertised(
          Buffer.concat([
            pkt('# service=git-upload-pack\n'),
            FLUSH,
            ...Array.from({ length: 1_000 + random.int(20_000) }, (_, index) =>
              pkt(`${head} refs/heads/${index}${index === 0 ? '\0side-band-64k' : ''}\n`),
            ),
            FLUSH,
          ]),
        ),
      },
      ...serving(packOf(objects)).slice(1),
    ],
  }),
  (random) => ({
    what: 'odd capabilities',
    turns: [
      {
        bytes: advertised(
          advertisementOf(
            head,
            random.pick([
              '',
              'symref=HEAD:HEAD',
              'symref=HEAD:refs/heads/none',
              'object-format=sha256',
              '__proto__=x',
              'x'.repeat(60_000),
              'symref=HEAD:../../x',
            ]),
          ),
        ),
      },
      ...serving(packOf(objects)).slice(1),
    ],
  }),
  (random) => ({
    what: 'odd pkt-lines',
    turns: [
      {
        bytes: advertised(
          Buffer.from(
            random.pick([
              'fffffff',
              '0001',
              '0002',
              '0003',
              'zzzz',
              '-001',
              '0004',
              '001e# service=git-upload-pack\n',
              '0'.repeat(100_000),
            ]),
          ),
        ),
      },
    ],
  }),
  (random) => ({
    what: 'an error in a side band',
    turns: [
      ...serving(packOf(objects)).slice(0, 1),
      {
        bytes: uploaded(
          Buffer.concat([
            pkt('NAK\n'),
            pkt(Buffer.concat([Buffer.from([random.pick([2, 3, 4, 0])]), random.bytes(200)])),
            FLUSH,
          ]),
        ),
      },
    ],
  }),
  (random) => ({
    what: 'a manifest of another form',
    turns: (() => {
      const made = repositoryOf({
        'publisher.json': random.pick([
          '[',
          '['.repeat(60_000),
          'null',
          '{"description":1}',
          `{"description":"${'x'.repeat(20_000)}"}`,
          ' '.repeat(70_000),
        ]),
        'README.md': '\0'.repeat(65_000),
      });
      return serving(packOf(made.objects), made.head);
    })(),
  }),
  (random) => ({
    what: 'a redirect or an odd status',
    turns: [
      {
        bytes: httpAnswer(
          '',
          { location: 'http://169.254.169.254/' },
          random.pick(['301 Moved', '302 Found', '401 No', '404 None', '500 Error', '204 None']),
        ),
      },
    ],
  }),
];

export function gitAnswers(random: Random): Conversation {
  return random.chance(0.6) ? { ...random.pick(OWN)(random), http: true } : spoil(random, GOOD);
}
