using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>UPDATE and DELETE, and what all statements that change a table have in common.</content>
internal sealed partial class QueryLowering
{
    private void WriteUpdate(BoundQuery query)
    {
        query = Staged(query);
        var scope = EnterChange(query);
        var target = TargetTable(query);
        RefuseCascadesSeen(query, target);
        WriteWith(query);
        _sql.Add("UPDATE ");
        WriteTableName(target);
        _sql.Add(" AS ").Add(scope.Relations[query.Result - 1].Qualifier).Add(" SET ");
        WriteAssignments(target, query.Targets.Where(t => !t.Junk));
        var others = query with { From = [.. query.From.Where(item => item is not FromRelation r || r.Relation != query.Result)] };
        WriteFrom(others, null);
        if (others.From.Count == 0 && query.Targets.Any(static entry => !entry.Junk && Trees.Any(entry.Value, static (e, _) => e is SubLink)))
        {
            // With a FROM, SQLite computes all new values before it changes a row: a query among them must not see the rows that were changed before.
            _sql.Add(" FROM (SELECT 1) AS ").Add(NextAlias());
        }

        if (query.Where is not null)
        {
            _sql.Add(" WHERE ");
            WriteCondition(query.Where);
        }

        WriteReturning(query, target);
    }

    private void WriteDelete(BoundQuery query)
    {
        query = Staged(query);
        var scope = EnterChange(query);
        var target = TargetTable(query);
        if (Cascades.ReachBack(target, Schema))
        {
            throw NotSupported($"DELETE in WITH of table \"{target.Name}\", whose foreign keys delete or change others of its rows", Location.None);
        }

        WriteWith(query);
        _sql.Add("DELETE FROM ");
        WriteTableName(target);
        var others = query.From.Where(item => item is not FromRelation r || r.Relation != query.Result).ToList();
        var qualifier = scope.Relations[query.Result - 1].Qualifier;
        if (others.Count == 0)
        {
            _sql.Add(" AS ").Add(qualifier);
            if (query.Where is not null)
            {
                _sql.Add(" WHERE ");
                WriteCondition(query.Where);
            }
        }
        else
        {
            // The rows to delete are found by a query over the table and the relations of USING.
            var key = RowKey(target);
            _sql.Add(" WHERE ").Add(key.Count > 1 ? "(" : "").Add(string.Join(", ", key)).Add(key.Count > 1 ? ")" : "").Add(" IN (SELECT ")
                .Add(string.Join(", ", key.Select(column => $"{qualifier}.{column}")));
            WriteFrom(query with { From = [new FromRelation(query.Result), .. others] }, null);
            if (query.Where is not null)
            {
                _sql.Add(" WHERE ");
                WriteCondition(query.Where);
            }

            _sql.Add(")");
        }

        WriteReturning(query, target);
    }

    /// <summary>
    /// A DELETE of a table whose foreign keys delete or change others of its rows: the rows are chosen, and their columns for RETURNING read, before the
    /// first one is deleted.
    /// </summary>
    private LoweredQuery LowerCascadingDelete(BoundQuery query)
    {
        var target = TargetTable(query);
        var key = RowKey(target);
        var columns = key.Count + query.Returning.Count(static entry => !entry.Junk);
        WriteChosenRows(query, target, key);
        var kept = $"pg_kept(0, {columns}) AS k";
        var keys = string.Join(", ", Enumerable.Range(1, key.Count).Select(static i => $"k.v{i}"));
        var chosen = key.Count > 1 ? $"({string.Join(", ", key)})" : key[0];
        var answer = columns > key.Count
            ? string.Join(", ", Enumerable.Range(1, columns - key.Count).Select(i => $"k.v{key.Count + i} AS c{i}"))
            : "count(*)";
        return new LoweredQuery(
            [
                new Step("SELECT pg_forget()", []),
                ToStep(),
                new Step($"DELETE FROM {SqlText.Quoted(target.SqliteName)} WHERE {chosen} IN (SELECT {keys} FROM {kept})", []),
                new Step($"SELECT {answer} FROM {kept}", []),
            ],
            3)
        {
            AsksSession = _asksSession,
            Counts = columns == key.Count,
        };
    }

    private void WriteChosenRows(BoundQuery query, Relation target, List<string> key)
    {
        var scope = EnterChange(query);
        var qualifier = scope.Relations[query.Result - 1].Qualifier;
        WriteWith(query);
        _sql.Add("SELECT pg_keep(0");
        foreach (var column in key)
        {
            _sql.Add(", ").Name(target.SqliteName).Add(".").Add(column);
        }

        WithReturning(query, target, entries =>
        {
            foreach (var entry in entries)
            {
                _sql.Add(", ");
                WriteRoot(entry.Value);
            }
        });
        _sql.Add(") FROM ");
        WriteTableName(target);
        _sql.Add(" WHERE ").Add(key.Count > 1 ? "(" : "").Add(string.Join(", ", key)).Add(key.Count > 1 ? ")" : "").Add(" IN (SELECT ")
            .Add(string.Join(", ", key.Select(column => $"{qualifier}.{column}")));
        WriteFrom(
            query with { From = [new FromRelation(query.Result), .. query.From.Where(item => item is not FromRelation r || r.Relation != query.Result)] }, null);
        if (query.Where is not null)
        {
            _sql.Add(" WHERE ");
            WriteCondition(query.Where);
        }

        _sql.Add(")");
    }

    /// <summary>Refuses an UPDATE whose new values or RETURNING would show what foreign keys have made of rows that were changed before.</summary>
    private void RefuseCascadesSeen(BoundQuery query, Relation target)
    {
        var changed = Cascades.ChangedColumns(target, [.. query.Targets.Where(static entry => !entry.Junk).Select(static entry => entry.Number)], Schema);
        if (changed.Count == 0)
        {
            return;
        }

        foreach (var entry in query.Targets.Where(static entry => !entry.Junk).Concat(query.Returning))
        {
            if ((!query.Returning.Contains(entry) && changed.Contains(entry.Number)) || Trees.Any(entry.Value, (e, level) => e is Var v && v.LevelsUp == level
                && v.Relation == query.Result && (v.Attribute <= 0 || changed.Contains(v.Attribute))))
            {
                throw NotSupported(
                    $"UPDATE that uses column \"{target.Attributes[changed.First() - 1].Name}\", which a foreign key changes with the key that is set,",
                    entry.Value.Location);
            }
        }
    }

    private Scope EnterChange(BoundQuery query)
    {
        _scope = NewScope(query, _root);
        return _scope;
    }

    private Relation TargetTable(BoundQuery query)
    {
        var table = ((RelationEntry)query.Relations[query.Result - 1]).Relation;
        return table.Kind == RelationKind.Table ? table : throw NotSupported($"changing relation \"{table.Name}\"", Location.None);
    }

    /// <summary>The columns that tell a row from all others.</summary>
    private List<string> RowKey(Relation table)
    {
        if (!table.WithoutRowId)
        {
            return ["rowid"];
        }

        var primary = table.Indexes.FirstOrDefault(index => index.Primary) ?? throw NotSupported("DELETE with USING on this table", Location.None);
        return [.. primary.Columns.Select(column => SqlText.Quoted(table.Attributes[column - 1].Name))];
    }

    private void WriteAssignments(Relation table, IEnumerable<TargetEntry> targets)
    {
        using var lifting = Lifting();
        var separator = "";
        var rows = new HashSet<int>();
        var all = targets.ToList();
        foreach (var target in all)
        {
            if (VolatileRowOf(target.Value) is not { } row)
            {
                _sql.Add(separator).Name(table.Attributes[target.Number - 1].Name).Add(" = ");
                WriteAssigned(table, target);
                separator = ", ";
            }
            else if (rows.Add(row.Location.Offset))
            {
                _sql.Add(separator);
                WriteAssignedRow(table, row, all.FindAll(other => IsSameRow(VolatileRowOf(other.Value), row)));
                separator = ", ";
            }
        }
    }

    /// <summary>The query of <c>SET (a, b) = (SELECT …)</c> of which a value is a column, if it may run only once a row.</summary>
    private SubLink? VolatileRowOf(BoundExpression value)
    {
        SubLink? row = null;
        if (_context.Volatile)
        {
            _ = Trees.Any(value, (e, level) =>
            {
                row ??= level == 0 && e is FieldSelectExpr { Argument: SubLink { Kind: SubLinkKind.Multi } link } && Trees.IsVolatile(link.Query) ? link : null;
                return row is not null;
            });
        }

        return row;
    }

    /// <summary>The columns of one row have copies of its query, all from the same place of the text.</summary>
    private static bool IsSameRow(SubLink? link, SubLink row) => link is { Kind: SubLinkKind.Multi } && link.Location.Offset == row.Location.Offset;

    private void WriteAssignedRow(Relation table, SubLink row, List<TargetEntry> targets)
    {
        if (targets.Exists(target => target.Number == table.RowIdColumn && !table.Foreign))
        {
            throw NotSupported("assigning a column of a row with volatile values to the primary key", row.Location);
        }

        var alias = NextAlias();
        _sql.Add("(").Add(string.Join(", ", targets.Select(target => SqlText.Quoted(table.Attributes[target.Number - 1].Name)))).Add(") = (SELECT ");
        for (var i = 0; i < targets.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteRoot(new TreeMapper((e, _) => e is FieldSelectExpr { Argument: SubLink link } field && IsSameRow(link, row)
                ? new Fragment($"pg_single({alias}.c{field.Field})", field.Type, field.Collation)
                : null).Map(targets[i].Value));
        }

        _sql.Add(" FROM (");
        WriteFenced(Fence.Lazy, () => WriteQuery(row.Query, _scope));
        _sql.Add(") AS ").Add(alias).Add(")");
    }

    /// <summary>A value for a column. The alias of SQLite's rowid takes NULL for a number to be made, so NULL has to be refused before.</summary>
    private void WriteAssigned(Relation table, TargetEntry target)
    {
        if (target.Number != table.RowIdColumn || table.Foreign || IsNotNull(target.Value))
        {
            WriteRoot(target.Value);
            return;
        }

        var saved = _sql.BeginRoot();
        _sql.Enter(2);
        _sql.Add("coalesce(");
        Write(target.Value);
        _sql.Add(", ");
        WriteNotNullError(table, target.Number);
        _sql.Add(")");
        _sql.Leave(2);
        _sql.EndRoot(saved);
    }

    private void WriteNotNullError(Relation table, short column) => _sql.Add("pg_raise('23502', ")
        .Literal($"null value in column \"{table.Attributes[column - 1].Name}\" of relation \"{table.Name}\" violates not-null constraint").Add(")");

    private void WriteReturning(BoundQuery query, Relation target)
    {
        if (query.Returning.Count == 0)
        {
            return;
        }

        WithReturning(query, target, entries =>
        {
            _sql.Add(" RETURNING ");
            if (_keepAs >= 0)
            {
                _sql.Add("pg_keep(").Add(_keepAs);
            }

            var number = 0;
            foreach (var entry in entries)
            {
                _sql.Add(number > 0 || _keepAs >= 0 ? ", " : "");
                WriteRoot(entry.Value);
                number++;
                _sql.Add(_keepAs >= 0 ? "" : $" AS c{number}");
            }

            _sql.Add(_keepAs >= 0 ? ")" : "");
        });
    }

    /// <summary>Writes the expressions of RETURNING, which know the table by its own name.</summary>
    private void WithReturning(BoundQuery query, Relation target, Action<IEnumerable<TargetEntry>> write)
    {
        foreach (var entry in query.Returning)
        {
            if (Trees.Any(entry.Value, (e, level) => e is Var v && v.LevelsUp == level && v.Relation != query.Result))
            {
                throw AreNotSupported("columns of other relations in RETURNING", entry.Value.Location);
            }

            // SQLite gives a row as soon as it is changed, when others are not yet.
            if (ChangeTargets.MayBeRead(entry.Value, target))
            {
                throw AreNotSupported("queries of the changed table in RETURNING", entry.Value.Location);
            }
        }

        // RETURNING knows the table by its own name alone.
        var relations = (RelationNames[])Current.Relations.Clone();
        relations[query.Result - 1] = new RelationNames(
            query.Relations[query.Result - 1], SqlText.Quoted(target.SqliteName), relations[query.Result - 1].Columns);
        var saved = _scope;
        var returning = new Scope(query, _root, relations) { Kept = Current.Kept, Anchor = ColumnOf(relations[query.Result - 1]) };
        foreach (var (name, sql) in Current.CommonTables)
        {
            returning.CommonTables[name] = sql;
        }

        _scope = returning;
        write(query.Returning.Where(static entry => !entry.Junk));
        _scope = saved;
    }
}
