using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>INSERT.</content>
internal sealed partial class QueryLowering
{
    private void WriteInsert(BoundQuery query)
    {
        var scope = EnterChange(query);
        var table = TargetTable(query);

        // The target's columns stand under the table's own name in ON CONFLICT and RETURNING.
        scope.Relations[query.Result - 1] = Renamed(scope.Relations[query.Result - 1], SqlText.Quoted(table.SqliteName));
        if (query.OnConflict is { Excluded: > 0 and var excluded })
        {
            scope.Relations[excluded - 1] = Renamed(scope.Relations[excluded - 1], "excluded");
        }

        WriteWith(query);
        _sql.Add("INSERT INTO ");
        WriteTableName(table);
        var targets = query.Targets.Where(target => !target.Junk).ToList();
        var missingKey = table is { RowIdColumn: > 0, Foreign: false } && targets.TrueForAll(target => target.Number != table.RowIdColumn);
        if (targets.Count == 0 && !missingKey)
        {
            _sql.Add(" DEFAULT VALUES");
        }
        else
        {
            WriteSource(query, table, targets, missingKey);
        }

        WriteConflict(query, table);
        WriteReturning(query, table);
    }

    private static RelationNames Renamed(RelationNames relation, string qualifier) => new(relation.Entry, qualifier, relation.Columns);

    private void WriteSource(BoundQuery query, Relation table, List<TargetEntry> targets, bool missingKey)
    {
        _sql.Add(" (");
        for (var i = 0; i < targets.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "").Name(table.Attributes[targets[i].Number - 1].Name);
        }

        if (missingKey)
        {
            _sql.Add(targets.Count > 0 ? ", " : "").Name(table.Attributes[table.RowIdColumn - 1].Name);
        }

        _sql.Add(")");
        if (query.From.Count == 0 && !query.HasTargetSets)
        {
            using var lifting = Lifting();
            _sql.Add(" VALUES (");
            WriteSourceColumns(table, targets, missingKey, named: false);
            _sql.Add(")");
            return;
        }

        if (query.OnConflict is { Set: not null, Index: { } index })
        {
            WriteSourceOfDistinctKeys(query, table, targets, index, missingKey);
            return;
        }

        _sql.Add(" ");
        WriteCore(query, () => WriteSourceColumns(table, targets, missingKey, named: false), null);
        if (query.OnConflict is not null && query.Where is null)
        {
            // Without WHERE, SQLite would read ON CONFLICT as the condition of a join.
            _sql.Add(" WHERE TRUE");
        }
    }

    private void WriteSourceColumns(Relation table, List<TargetEntry> targets, bool missingKey, bool named)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteAssigned(table, targets[i]);
            _sql.Add(named ? $" AS c{i + 1}" : "");
        }

        if (missingKey)
        {
            _sql.Add(targets.Count > 0 ? ", " : "");
            WriteNotNullError(table, table.RowIdColumn);
            _sql.Add(named ? $" AS c{targets.Count + 1}" : "");
        }
    }

    /// <summary>
    /// Rows for ON CONFLICT DO UPDATE. SQLite would change a row again for every further row of the same key, where PostgreSQL refuses the statement:
    /// the rows of each key are counted before.
    /// </summary>
    private void WriteSourceOfDistinctKeys(
        BoundQuery query, Relation table, List<TargetEntry> targets, IndexInfo index, bool missingKey)
    {
        var (rows, counted) = (NextAlias(), NextAlias());
        var keys = index.Columns.Select(column => targets.FindIndex(target => target.Number == column)).ToList();
        _sql.Add(" SELECT ");
        for (var i = 1; i <= targets.Count + (missingKey ? 1 : 0); i++)
        {
            _sql.Add(i > 1 ? ", " : "").Add($"{counted}.c{i}");
        }

        _sql.Add($" FROM (SELECT {rows}.*, row_number() OVER () AS place, ");
        if (keys.Contains(-1))
        {
            // A column of the key is computed, or is null in every row.
            _sql.Add(index.Columns.Contains((short)0) ? throw AreNotSupported("indexes on expressions with rows of a query in ON CONFLICT DO UPDATE", Location.None) : "1");
        }
        else
        {
            var columns = keys.Select(key => $"{rows}.c{key + 1}"
                + (StoredTypes.OrderOf(table.Attributes[targets[key].Number - 1].Type, Schema)?.Collation is { } c ? " COLLATE " + c : ""));
            var present = keys.Select(key => $"{rows}.c{key + 1} IS NOT NULL");
            _sql.Add($"CASE WHEN {string.Join(" AND ", present)} THEN count(*) OVER (PARTITION BY {string.Join(", ", columns)}) ELSE 1 END");
        }

        _sql.Add(" AS rows FROM (");
        WriteCore(query, () => WriteSourceColumns(table, targets, missingKey, named: true), null);
        _sql.Add($") AS {rows}) AS {counted} WHERE CASE WHEN {counted}.rows > 1 THEN pg_raise('21000', ")
            .Literal("ON CONFLICT DO UPDATE command cannot affect row a second time").Add(", ")
            .Literal("Ensure that no rows proposed for insertion within the same command have duplicate constrained values.")
            .Add($") ELSE TRUE END ORDER BY {counted}.place");
    }

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
        WriteAssignments(table, conflict.Set);
        if (conflict.Where is not null)
        {
            _sql.Add(" WHERE ");
            WriteCondition(conflict.Where);
        }
    }

    private void WriteConflictTarget(Relation table, IndexInfo index)
    {
        _sql.Add(" (");
        var expression = 0;
        for (var i = 0; i < index.Columns.Count; i++)
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
        var bind = _context.IndexExpression ?? throw AreNotSupported("indexes on expressions in ON CONFLICT", Location.None);
        var lowered = Lowerer.LowerExpression(bind(table, text), table, _context with { InDefinition = true });
        _sql.Add(lowered);
    }
}
