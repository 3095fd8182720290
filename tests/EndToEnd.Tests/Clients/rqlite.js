// Writes and reads with rqlite's client for JavaScript: rqlite.js TABLE HOST,HOST,…; prints one line a step.
const { DataApiClient, StatusApiClient, BackupApiClient } = require('rqlite-js')

async function main (table, hosts) {
  const data = new DataApiClient(hosts)
  const print = async (name, answer) => {
    const results = await answer
    if (results.hasError()) {
      console.log(name, 'error:', results.getFirstError().message)
    } else {
      console.log(name, JSON.stringify(results.toArray()))
    }
  }

  await print('create', data.execute(`CREATE TABLE ${table} (id INTEGER PRIMARY KEY, name TEXT, price REAL)`))
  await print('insert', data.execute([[`INSERT INTO ${table}(name, price) VALUES(?, ?)`, 'ä <&> "q"', 1.5]]))
  await print('named', data.execute([[`INSERT INTO ${table}(name, price) VALUES(:n, :p)`, { n: 'named', p: 2 }]]))
  await print('both', data.execute([`INSERT INTO ${table}(id) VALUES(10)`, `INSERT INTO ${table}(id) VALUES(11)`], { transaction: true }))
  await print('undone', data.execute([`INSERT INTO ${table}(id) VALUES(20)`, `INSERT INTO ${table}(id) VALUES(20)`], { transaction: true }))
  for (const level of ['weak', 'strong', 'linearizable']) {
    await print(level, data.query([`SELECT * FROM ${table} ORDER BY id`], { level }))
  }

  await print('parameter', data.query([[`SELECT name FROM ${table} WHERE price > ?`, 1.75]], { level: 'strong' }))
  await print('missing', data.query('SELECT * FROM nosuch'))
  const status = await new StatusApiClient(hosts).statusAllHosts()
  console.log('ready', status.every(({ response }) => response.body.store.ready))
  const backup = await new BackupApiClient(hosts).backup('sql')
  let dump = ''
  for await (const part of backup) {
    dump += part
  }

  console.log('dump', dump.includes(`CREATE TABLE ${table}`))
}

main(process.argv[2], process.argv[3].split(',')).catch((error) => {
  console.log('failed', error.stack)
  process.exit(1)
})
