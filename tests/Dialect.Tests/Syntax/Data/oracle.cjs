// Compares texts with PostgreSQL's own parser: reads [{ sql, written }] and prints, for each, whether PostgreSQL takes it, its error, and
// whether the text written back has the same tree without locations.
const fs = require('fs');
const folders = (process.env.LIBPG_QUERY_FOLDERS || '').split(':').filter(Boolean);
const found = require.resolve('libpg-query', { paths: folders });
const version = JSON.parse(fs.readFileSync(require.resolve('libpg-query/package.json', { paths: folders }))).version;
if (!version.startsWith('15.')) {
  throw new Error(`libpg-query ${version} is not of PostgreSQL 15`);
}

const parser = require(found);

function withoutLocations(node) {
  if (Array.isArray(node)) {
    return node.map(withoutLocations);
  }

  if (node === null || typeof node !== 'object') {
    return node;
  }

  const copy = {};
  for (const key of Object.keys(node)) {
    if (!['location', 'name_location', 'stmt_location', 'stmt_len'].includes(key)) {
      copy[key] = withoutLocations(node[key]);
    }
  }

  return copy;
}

function parse(sql) {
  try {
    return { tree: parser.parseSync(sql) };
  } catch (error) {
    const bytes = error.sqlDetails ? error.sqlDetails.cursorPosition : -1;
    return { error: error.message, position: [...Buffer.from(sql).subarray(0, bytes).toString()].length + 1 };
  }
}

function extents(sql, tree) {
  const bytes = Buffer.from(sql);
  return (tree.stmts || []).map((s) => {
    const start = s.stmt_location || 0;
    const end = s.stmt_len ? start + s.stmt_len : bytes.length;
    return [bytes.subarray(0, start).toString().length, bytes.subarray(start, end).toString().length];
  });
}

(async () => {
  await parser.loadModule();
  const results = JSON.parse(fs.readFileSync(process.argv[2], 'utf8')).map(({ sql, written }) => {
    const original = parse(sql);
    if (!original.tree) {
      return { accepted: false, error: original.error, position: original.position };
    }

    const result = { accepted: true, extents: extents(sql, original.tree) };
    if (written !== null) {
      const again = parse(written);
      result.error = again.error;
      result.same = !!again.tree
        && JSON.stringify(withoutLocations(original.tree.stmts || [])) === JSON.stringify(withoutLocations(again.tree.stmts || []));
    }

    return result;
  });
  process.stdout.write(JSON.stringify(results));
})();
