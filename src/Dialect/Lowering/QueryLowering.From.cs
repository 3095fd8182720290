using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>FROM: relations and joins.</content>
internal sealed partial class QueryLowering
{
    private void WriteFrom(BoundQuery query, Action<bool>? more)
    {
        var tables = 0;
        Current.IsHidden = true;
        for (var i = 0; i < query.From.Count; i++)
        {
            if (i == 0)
            {
                _sql.Add(" FROM ");
            }

            WriteFromItem(query.From[i], first: i == 0, ref tables);
        }

        Current.IsHidden = false;
        more?.Invoke(query.From.Count > 0);
    }

    /// <summary>Writes an item as the whole of a FROM, or behind others with which it is joined.</summary>
    private void WriteFromItem(FromItem item, bool first, ref int tables)
    {
        // SQLite's joins go from left to right without precedence. (x, a LEFT JOIN b) may be written so; only RIGHT and FULL would take x along.
        if (!first && item is FromJoin && HasRightJoin(item))
        {
            _sql.Add(" JOIN (");
            WriteFromItem(item, first: true, ref tables);
            _sql.Add(")");
            return;
        }

        var spine = new Stack<FromJoin>();
        while (item is FromJoin join)
        {
            spine.Push(join);
            item = join.Left;
        }

        _sql.Add(first ? "" : " JOIN ");
        WriteRelation((FromRelation)item, ref tables);
        while (spine.TryPop(out var join))
        {
            _sql.Add(join.Kind switch
            {
                JoinKind.Inner => " JOIN ",
                JoinKind.Left => " LEFT JOIN ",
                JoinKind.Right => " RIGHT JOIN ",
                _ => " FULL JOIN ",
            });
            if (join.Right is FromRelation relation)
            {
                WriteRelation(relation, ref tables);
            }
            else
            {
                _sql.Add("(");
                WriteFromItem(join.Right, first: true, ref tables);
                _sql.Add(")");
            }

            if (join.On is not null)
            {
                _sql.Add(" ON ");
                WriteJoinCondition(join);
            }
            else if (join.Kind != JoinKind.Inner)
            {
                _sql.Add(" ON TRUE");
            }
        }
    }

    private void WriteJoinCondition(FromJoin join)
    {
        var scope = Current;
        (scope.IsHidden, scope.Visible) = (false, join.Left);
        WriteCondition(join.On!);
        (scope.IsHidden, scope.Visible) = (true, null);
    }

    private static bool HasRightJoin(FromItem item)
    {
        while (item is FromJoin join)
        {
            if (join.Kind is JoinKind.Right or JoinKind.Full)
            {
                return true;
            }

            item = join.Left;
        }

        return false;
    }

    private void WriteRelation(FromRelation item, ref int tables)
    {
        if (++tables > TablesMax)
        {
            throw new DialectException(SqlState.ProgramLimitExceeded, $"a query can join at most {TablesMax} relations");
        }

        var relation = Current.Relations[item.Relation - 1];
        switch (relation.Entry)
        {
            case RelationEntry table:
                WriteTableName(table.Relation);
                break;
            case SubqueryEntry subquery when relation.Packed:
                WritePacked(relation.Columns.Length, () => WriteQuery(subquery.Query, _scope), "c");
                break;
            case SubqueryEntry subquery:
                WriteSubquery(subquery, relation.Marker);
                break;
            case ValuesEntry values when relation.Packed:
                WritePacked(relation.Columns.Length, () => WriteValues(values.Rows), "column");
                break;
            case ValuesEntry values when IsVolatile(values):
                _sql.Add("(");
                WriteFenced(FenceHere, () => WriteValues(values.Rows));
                _sql.Add(")");
                break;
            case ValuesEntry values:
                _sql.Add("(");
                WriteValues(values.Rows);
                _sql.Add(")");
                break;
            case CommonTableEntry table:
                _sql.Add(CommonTableName(table));
                break;
            case FunctionEntry function:
                WriteFunctions(function, relation);
                break;
            default:
                throw new InvalidOperationException($"{relation.Entry.GetType().Name} cannot stand in FROM.");
        }

        _sql.Add(" AS ").Add(relation.Qualifier);
    }

    private bool IsVolatile(RangeTableEntry entry) => _context.Volatile && Trees.Expressions(entry).Any(Trees.IsVolatile);

    private void WriteSubquery(SubqueryEntry subquery, string? marker)
    {
        _sql.Add("(");
        if (subquery.Fence || (_context.Volatile && Trees.IsVolatile(subquery.Query)))
        {
            WriteFenced(subquery.Whole ? Fence.Whole : FenceHere, () => WriteQuery(subquery.Query, _scope, marker));
        }
        else
        {
            WriteQuery(subquery.Query, _scope, marker);
        }

        _sql.Add(")");
    }

    private void WriteTableName(Relation table)
    {
        if (table.SqliteName.Length == 0)
        {
            throw NotSupported($"reading from relation \"{table.Name}\"", Location.None);
        }

        _sql.Name(table.SqliteName);
    }

    /// <summary>
    /// The rows of a query that depends on relations beside it: SQLite has no LATERAL, but a table function's arguments may refer to them, and an
    /// argument may be a scalar subquery, which packs the rows into one value.
    /// </summary>
    private void WritePacked(int columns, Action writeQuery, string prefix)
    {
        var alias = NextAlias();
        _sql.Add("pg_rows(").Add(columns).Add(", (SELECT pg_pack(");
        for (var i = 0; i < columns; i++)
        {
            _sql.Add(i > 0 ? ", " : "").Add($"{alias}.{prefix}{i + 1}");
        }

        _sql.Add(columns == 0 ? "1" : "").Add(") FROM (");
        writeQuery();
        _sql.Add(") AS ").Add(alias).Add("))");
    }

    private void WriteValues(NodeList<NodeList<BoundExpression>> rows)
    {
        using var lifting = Lifting();
        if (rows.Any(row => row.Any(value => Trees.Any(value, (e, level) => e is Var v && v.LevelsUp >= level))))
        {
            WriteRowsAsSelects(rows);
            return;
        }

        _sql.Add("VALUES ");
        for (var i = 0; i < rows.Count; i++)
        {
            _sql.Add(i > 0 ? ", (" : "(");
            for (var j = 0; j < rows[i].Count; j++)
            {
                _sql.Add(j > 0 ? ", " : "");
                WriteRoot(rows[i][j]);
            }

            _sql.Add(rows[i].Count == 0 ? "NULL)" : ")");
        }
    }

    /// <summary>Rows that refer to other relations, which SQLite's VALUES may not.</summary>
    private void WriteRowsAsSelects(NodeList<NodeList<BoundExpression>> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            _sql.Add(i > 0 ? " UNION ALL SELECT " : "SELECT ");
            for (var j = 0; j < rows[i].Count; j++)
            {
                _sql.Add(j > 0 ? ", " : "");
                WriteRoot(rows[i][j]);
                _sql.Add($" AS column{j + 1}");
            }
        }
    }

    private void WriteFunctions(FunctionEntry entry, RelationNames relation)
    {
        if (relation.Values is not null)
        {
            var call = RecordCall(entry.Functions[0].Call);
            call = call with { Arguments = [CheckedRecords(call, entry.Functions[0].Call)] };
            if (call.Function.Name.EndsWith("set", StringComparison.Ordinal))
            {
                var (set, _) = ElementsOf(call);
                WriteSetCall(set, call with { Function = set.Function });
            }
            else
            {
                _sql.Add("pg_rows(1, ");
                WritePackedValue(call.Arguments[0]);
                _sql.Add(")");
            }

            return;
        }

        if (!relation.Packed)
        {
            var set = SetOf(entry.Functions[0].Call);
            if (set is not null && IsVolatile(entry) && !DependsOnSiblings(Current.Query, entry))
            {
                // SQLite would run the function again for each row of another relation.
                _sql.Add("(");
                WriteFenced(FenceHere, () =>
                {
                    _sql.Add("SELECT rowid AS rowid, * FROM ");
                    WriteSetCall(set, (FuncExpr)entry.Functions[0].Call);
                });
                _sql.Add(")");
            }
            else if (set is not null)
            {
                WriteSetCall(set, (FuncExpr)entry.Functions[0].Call);
            }
            else
            {
                RefuseComposite(entry.Functions[0]);
                _sql.Add("(");
                if (IsVolatile(entry))
                {
                    WriteFenced(FenceHere, () => WriteCallAsQuery(entry.Functions[0].Call));
                }
                else
                {
                    WriteCallAsQuery(entry.Functions[0].Call);
                }

                _sql.Add(")");
            }

            return;
        }

        _sql.Add("pg_rows(");
        for (var i = 0; i < entry.Functions.Count; i++)
        {
            var function = entry.Functions[i];
            _sql.Add(i > 0 ? ", " : "").Add(function.Types.Count).Add(", ");
            if (SetOf(function.Call) is not null)
            {
                WritePackedSet((FuncExpr)function.Call, function.Types.Count);
                continue;
            }

            RefuseComposite(function);
            WritePackedValue(function.Call);
        }

        _sql.Add(")");
    }

    /// <summary>
    /// One row of one value, packed. The value stands in a query of its own: SQLite would take an aggregate over columns of an outer query alone for
    /// one of that query.
    /// </summary>
    private void WritePackedValue(BoundExpression value)
    {
        var alias = NextAlias();
        _sql.Add("(SELECT pg_pack(").Add(alias).Add(".x) FROM (SELECT ");
        WriteRoot(value);
        _sql.Add(" AS x) AS ").Add(alias).Add(")");
    }

    private void WriteCallAsQuery(BoundExpression call)
    {
        _sql.Add("SELECT ");
        WriteRoot(call);
        _sql.Add(" AS c1");
    }

    private void RefuseComposite(BoundTableFunction function)
    {
        if (function.Types.Count == 1 && !function.Definition && function.Call is not FuncExpr { ReturnsSet: true })
        {
            return;
        }

        throw function.Call is FuncExpr f ? Refused(f.Function, f.Location) : NotSupported("this expression in FROM", function.Call.Location);
    }
}
