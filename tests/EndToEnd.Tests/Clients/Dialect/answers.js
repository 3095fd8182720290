// What node-postgres reads back and sends, one answer a line: node answers.js HOST PORT
const { Client, Pool, types } = require('pg');

const [host, port] = process.argv.slice(2);
const settings = { host, port: Number(port), user: 'postgres', database: 'clients', options: '-c rqlite.dialect=postgresql -c TimeZone=UTC' };

function shown(value) {
  if (Buffer.isBuffer(value)) return `Buffer ${value.toString('hex')}`;
  if (value instanceof Date) return `Date ${value.toISOString()}`;
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  return `${typeof value} ${JSON.stringify(value)}`;
}

async function attempt(name, action) {
  try {
    console.log(`${name}: ${shown(await action())}`);
  } catch (error) {
    console.log(`${name}: ${error.code} ${error.message}${error.position ? ` at ${error.position}` : ''}`);
  }
}

const values = {
  boolean: true, smallint: 7, integer: -70000, bigint: '1099511627776', numeric: '12345678901234567890.123', real: 1.5, 'double precision': 1e-300,
  text: "zwölf 'Boxer' \\ jagen", varchar: 'v', bpchar: 'c', bytea: Buffer.from([0, 1, 255, 39]), date: '2024-02-29', time: '23:59:58.123456',
  timestamp: '1999-12-31 23:59:59.5', timestamptz: new Date(Date.UTC(2024, 6, 1, 12)), interval: '1 year 2 days 03:04:05.6',
  uuid: '12345678-1234-5678-1234-567812345678', json: { a: [1, null] }, jsonb: { b: { c: 'd' } }, inet: '10.1.2.3/8', point: '(1,2)',
  'integer[]': [1, null, 3], 'text[]': ['a,b', 'c"d', null, '', 'e\\f'], 'boolean[]': [true, false], 'bigint[]': [[1, 2], [3, 4]],
  'timestamptz[]': [new Date(0)], 'bytea[]': [Buffer.from([1]), Buffer.from([255, 0])], 'double precision[]': [0.5, Infinity], 'uuid[]': ['12345678-1234-5678-1234-567812345678'],
  'numeric[]': ['1.10'], 'jsonb[]': [{ a: 1 }], 'interval[]': ['1 day'], mood: 'happy', positive: 3,
};

async function main() {
  const client = new Client(settings);
  await client.connect();
  await client.query('drop table if exists adapted');
  const kinds = Object.keys(values).filter(name => name !== 'point');
  await client.query(`create table adapted (id serial primary key, ${kinds.map(name => `"${name}" ${name}`).join(', ')})`);
  for (const name of kinds) {
    await attempt(`select ${name}`, async () => (await client.query(`select $1::${name} as v`, [values[name]])).rows[0].v);
    await attempt(`insert ${name}`, async () =>
      (await client.query(`insert into adapted ("${name}") values ($1) returning "${name}" as v`, [values[name]])).rows[0].v);
    await attempt(`null ${name}`, async () => (await client.query(`select $1::${name} as v`, [null])).rows[0].v);
    await attempt(`binary ${name}`, async () => typeof (await client.query({ text: `select $1::${name} as v`, values: [values[name]], binary: true })).rows[0].v);
  }

  await attempt('any', async () => (await client.query('select 3 = any($1) as v', [[1, 2, 3]])).rows[0].v);
  await attempt('named', async () => {
    let found = 0;
    for (let i = 1; i < 6; i++) {
      found += (await client.query({ name: 'by-id', text: 'select id from adapted where id = $1', values: [i] })).rowCount;
    }
    return found;
  });
  await attempt('array rows', async () => (await client.query({ text: "select 1, 'b', null::int, now() is null", rowMode: 'array' })).rows);
  await attempt('fields', async () => (await client.query("select id, text, numeric, 1 as one, 'x'::varchar(9) as x from adapted limit 0")).fields.map(
    f => `${f.name} ${f.dataTypeID} ${f.dataTypeSize} ${f.dataTypeModifier} ${f.columnID} ${f.format}`));
  await attempt('several', async () => (await client.query("select 1 as a; update adapted set text = 'x' where id < 3; select 2 as b"))
    .map(r => `${r.command} ${r.rowCount} ${JSON.stringify(r.rows)}`));
  await attempt('no table', () => client.query('select * from nowhere'));
  await attempt('position', () => client.query('select 1 frm adapted x'));
  await attempt('not null', async () => {
    try {
      await client.query('insert into customer (name) values ($1)', [null]);
    } catch (e) {
      return [e.severity, e.code, e.schema, e.table, e.column, e.constraint];
    }
  });
  await attempt('transaction', async () => {
    await client.query('begin');
    await client.query('update adapted set text = $1', ['gone']);
    await client.query('rollback');
    return (await client.query("select count(*) from adapted where text = 'gone'")).rows[0].count;
  });
  await attempt('notify', async () => {
    await client.query('listen channel');
    const heard = new Promise(resolve => client.once('notification', m => resolve([m.channel, m.payload])));
    await client.query("select pg_notify('channel', 'payload')");
    return heard;
  });
  types.setTypeParser(20, BigInt);
  await attempt('own parser', async () => `${(await client.query('select 9007199254740993 as v')).rows[0].v}`);
  await client.query('drop table adapted');
  await client.end();

  const pool = new Pool({ ...settings, max: 3 });
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(i => pool.query('select $1::int * 2 as v', [i])));
  console.log(`pool: ${answers.map(a => a.rows[0].v).join(' ')}`);
  await pool.end();
}

main().catch(error => { console.error(error); process.exitCode = 1; });
