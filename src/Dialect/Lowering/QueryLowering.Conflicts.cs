using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>ON CONFLICT.</content>
internal sealed partial class QueryLowering
{
    /// <summary>
    /// Rows for ON CONFLICT DO UPDATE. SQLite would change a row again for every further row of the same key, where PostgreSQL refuses the statement:
    /// the rows of each key are counted before. A row that changes nothing, since the condition of DO UPDATE is not true for it, does not count.
    /// </summary>
    private void WriteSourceOfDistinctKeys(
        BoundQuery query, Relation table, List<TargetEntry> targets, BoundConflict conflict, IndexInfo index, bool missingKey)
    {
        RefuseForeignGenerated(table, conflict, index);
        RefuseChangedKeys(query, table, conflict, index);
        if (conflict.Set!.Select(static entry => entry.Value).Append(conflict.Where).Any(value => value is not null && ChangeTargets.MayBeRead(value, table)))
        {
            throw AreNotSupported("queries of the changed table in a DO UPDATE of several rows", Location.None);
        }

        var (rows, numbered, counted) = (NextAlias(), NextAlias(), NextAlias());
        _sql.Add(" SELECT ");
        for (var i = 1; i <= targets.Count + (missingKey ? 1 : 0); i++)
        {
            _sql.Add(i > 1 ? ", " : "").Add($"{counted}.c{i}");
        }

        var keys = KeysOf(table, index, ColumnsOfRows(table, targets, numbered));
        var group = string.Join(", ", keys.Select(key => key.Sql + key.Collate));
        var condition = string.Join(
            " AND ", keys.Select(key => key.Sql + " IS NOT NULL").Concat(PredicateOf(table, index, ColumnsOfRows(table, targets, numbered))));
        _sql.Add($" FROM (SELECT {numbered}.*, CASE WHEN {condition} THEN count(*) OVER (PARTITION BY {group}, {condition}) ELSE 1 END AS rows, ")
            .Add($"max({numbered}.place) OVER (PARTITION BY {group}, {condition}) AS last FROM (SELECT {rows}.*, row_number() OVER () AS place FROM (");
        WriteCore(query, () => WriteSourceColumns(table, targets, missingKey, named: true), null);
        _sql.Add($") AS {rows}) AS {numbered}) AS {counted} WHERE CASE WHEN {counted}.rows > 1");
        if (conflict.Where is not null && Trees.IsVolatile(conflict.Where))
        {
            // Whether such a row changes something is known only once it does.
            _sql.Add(" THEN pg_raise('0A000', ").Literal("several rows of one key for a DO UPDATE with a volatile condition are not supported")
                .Add($") ELSE TRUE END ORDER BY {counted}.place");
            return;
        }

        if (conflict.Where is not null)
        {
            _sql.Add($" AND {counted}.place < {counted}.last AND ");
            WriteChanges(query, table, targets, conflict, index, counted);
        }

        _sql.Add(" THEN pg_raise('21000', ").Literal("ON CONFLICT DO UPDATE command cannot affect row a second time").Add(", ")
            .Literal("Ensure that no rows proposed for insertion within the same command have duplicate constrained values.")
            .Add($") ELSE TRUE END ORDER BY {counted}.place");
    }

    /// <summary>Whether a row is inserted, or changes the one that is there.</summary>
    private void WriteChanges(
        BoundQuery query, Relation table, List<TargetEntry> targets, BoundConflict conflict, IndexInfo index, string counted)
    {
        var existing = NextAlias();
        string[] own = [.. table.Attributes.Select(a => $"{existing}.{SqlText.Quoted(a.Name)}")];
        var given = ColumnsOfRows(table, targets, counted);
        var saved = _scope;
        var relations = (RelationNames[])Current.Relations.Clone();
        relations[query.Result - 1] = new RelationNames(query.Relations[query.Result - 1], "", own);
        relations[conflict.Excluded - 1] = new RelationNames(query.Relations[conflict.Excluded - 1], "", given);
        _scope = new Scope(query, _root, relations);
        _sql.Add("coalesce((SELECT ");
        WriteCondition(conflict.Where!);
        _sql.Add(" IS TRUE FROM ");
        WriteTableName(table);
        _sql.Add($" AS {existing} WHERE ");
        _scope = saved;
        var equal = KeysOf(table, index, own).Zip(KeysOf(table, index, given), (left, right) => $"{left.Sql}{left.Collate} = {right.Sql}");
        _sql.Add(string.Join(" AND ", equal.Concat(PredicateOf(table, index, own)))).Add("), TRUE)");
    }

    /// <summary>
    /// The value of each column of the table in the rows to be inserted. Those of generated columns are computed, as SQLite does when it stores a row.
    /// </summary>
    private string[] ColumnsOfRows(Relation table, List<TargetEntry> targets, string alias)
    {
        string[] given =
        [
            .. table.Attributes.Select(attribute => targets.FindIndex(target => target.Number == attribute.Number) is var i and >= 0
                ? $"{alias}.c{i + 1}"
                : "NULL"),
        ];
        return table.Foreign ? given : [.. table.Attributes.Select((attribute, i) =>
            attribute is { Generated: true, Dropped: false } ? WrittenOver(table, given, GeneratedValue(table, attribute)) : given[i])];
    }

    private BoundExpression GeneratedValue(Relation table, Catalog.Attribute column) =>
        !table.Foreign && _context.GeneratedValue is { } bind ? bind(table, column) : throw RefusedGenerated();

    private static DialectException RefusedGenerated() => new(
        SqlState.FeatureNotSupported, "several rows for ON CONFLICT DO UPDATE on a table made over HTTP with generated columns are not supported");

    /// <summary>Refuses what would need the values of generated columns of HTTP's tables before SQLite has computed them.</summary>
    private static void RefuseForeignGenerated(Relation table, BoundConflict conflict, IndexInfo index)
    {
        if (table.Foreign && table.Attributes.Any(column => column.Generated) && (index.Predicate is not null || conflict.Where is not null
            || index.Columns.Any(number => number == 0 || table.Attributes[number - 1].Generated)))
        {
            throw RefusedGenerated();
        }
    }

    /// <summary>
    /// Refuses to give rows that are there another key of the index: a later row of the statement may have that key, or the former one, and which rows meet
    /// then is known only while they are written. A part of the key stays if its columns keep their values, or if all of them get those of the row that meets.
    /// </summary>
    private void RefuseChangedKeys(BoundQuery query, Relation table, BoundConflict conflict, IndexInfo index)
    {
        var parts = new List<BoundExpression>();
        var expression = 0;
        foreach (var number in index.Columns.Take(index.KeyCount))
        {
            parts.Add(number == 0 ? BindIndexed(table, index.Expressions[expression++])
                : table.Attributes[number - 1] is { Generated: true } generated ? GeneratedValue(table, generated)
                : new Var(1, number, 0, table.Attributes[number - 1].Type, 0, Location.None));
        }

        if (index.Predicate is not null)
        {
            parts.Add(BindIndexed(table, index.Predicate));
        }

        var excluded = conflict.Set!.Where(target => target.Value is Var { LevelsUp: 0 } v && v.Relation == conflict.Excluded && v.Attribute == target.Number)
            .Select(target => target.Number).ToHashSet();
        var changed = conflict.Set!.Where(target => target.Value is not Var { LevelsUp: 0 } v || v.Relation != query.Result || v.Attribute != target.Number)
            .Select(target => target.Number).ToHashSet();
        foreach (var part in parts)
        {
            var columns = ColumnsOf(table, part);
            if (columns.Overlaps(changed) && !columns.IsSubsetOf(excluded))
            {
                throw NotSupported("changing the key of ON CONFLICT in its own DO UPDATE with several rows", Location.None);
            }
        }
    }

    /// <summary>The columns that an expression over a table depends on, through generated ones and whole rows.</summary>
    private HashSet<short> ColumnsOf(Relation table, BoundExpression expression)
    {
        var columns = new HashSet<short>();
        BoundWalk.Visit(expression, (node, _) =>
        {
            if (node is Var { Attribute: 0 })
            {
                columns.UnionWith(table.Attributes.Select(attribute => attribute.Number));
            }
            else if (node is Var { Attribute: > 0 } v && columns.Add(v.Attribute) && table.Attributes[v.Attribute - 1] is { Generated: true } generated)
            {
                columns.Remove(v.Attribute);
                columns.UnionWith(ColumnsOf(table, GeneratedValue(table, generated)));
            }

            return true;
        });
        return columns;
    }

    private List<(string Sql, string Collate)> KeysOf(Relation table, IndexInfo index, string[] columns)
    {
        var keys = new List<(string Sql, string Collate)>();
        var expression = 0;
        foreach (var column in index.Columns.Take(index.KeyCount))
        {
            var key = column > 0
                ? new Var(1, column, 0, table.Attributes[column - 1].Type, 0, Location.None)
                : BindIndexed(table, index.Expressions[expression++]);
            var collation = StoredTypes.OrderOf(key.Type, Schema)?.Collation;
            keys.Add((WrittenOver(table, columns, key), collation is null ? "" : " COLLATE " + collation));
        }

        return keys;
    }

    private IEnumerable<string> PredicateOf(Relation table, IndexInfo index, string[] columns) =>
        index.Predicate is null ? [] : [WrittenOver(table, columns, BindIndexed(table, index.Predicate)) + " IS TRUE"];

    /// <summary>An expression over a table's columns, with other SQL in the place of these.</summary>
    private string WrittenOver(Relation table, string[] columns, BoundExpression expression)
    {
        var entry = new RelationEntry(null, table.Name, [.. table.Attributes.Select(a => a.Name)], table, false);
        var saved = (_scope, _sql, _lifted);
        _scope = new Scope(new BoundQuery(QueryKind.Select) { Relations = [entry] }, null, [new RelationNames(entry, "", columns)]);
        (_sql, _lifted) = (new SqlText(), LiftingMode.None);
        WriteRoot(expression);
        var written = _sql.ToString();
        (_scope, _sql, _lifted) = saved;
        return written;
    }

    private BoundExpression BindIndexed(Relation table, string text) =>
        (_context.IndexExpression ?? throw AreNotSupported("indexes on expressions in ON CONFLICT", Location.None))(table, text);

    private void WriteConflict(BoundQuery query, Relation table)
    {
        if (query.OnConflict is not { } conflict)
        {
            return;
        }

        _sql.Add(" ON CONFLICT");
        if (conflict.Index is { } index)
        {
            WriteConflictTarget(table, index);
        }

        if (conflict.Set is null)
        {
            _sql.Add(" DO NOTHING");
            return;
        }

        _sql.Add(" DO UPDATE SET ");
        Current.Anchor = ColumnOf(Current.Relations[query.Result - 1]);
        WriteAssignments(table, conflict.Set);
        if (conflict.Where is not null)
        {
            _sql.Add(" WHERE ");
            WriteCondition(conflict.Where);
        }

        Current.Anchor = null;
    }

    private void WriteConflictTarget(Relation table, IndexInfo index)
    {
        _sql.Add(" (");
        var expression = 0;
        for (var i = 0; i < index.KeyCount; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            if (index.Columns[i] > 0)
            {
                _sql.Name(table.Attributes[index.Columns[i] - 1].Name);
            }
            else
            {
                WriteIndexExpression(table, index.Expressions[expression++]);
            }
        }

        _sql.Add(")");
        if (index.Predicate is not null)
        {
            _sql.Add(" WHERE ");
            WriteIndexExpression(table, index.Predicate);
        }
    }

    private void WriteIndexExpression(Relation table, string text)
    {
        var lowered = Lowerer.LowerExpression(BindIndexed(table, text), table, _context with { InDefinition = true });
        _sql.Add(lowered);
    }
}
