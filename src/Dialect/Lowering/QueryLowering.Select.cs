using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Queries: the clauses of a SELECT.</content>
internal sealed partial class QueryLowering
{
    /// <summary>Writes a query with all its clauses. Its columns are named c1 and up.</summary>
    /// <param name="marker">A column more, which is 1 in every row.</param>
    private void WriteQuery(BoundQuery query, Scope? outer, string? marker = null)
    {
        if (query.Kind != QueryKind.Select)
        {
            throw AreNotSupported("data-modifying statements here", Location.None);
        }

        query = Staged(query);
        var scope = NewScope(query, outer);
        var saved = (_scope, _replaced, _replacedFields, _lifted);
        (_scope, _replaced, _replacedFields, _lifted) = (scope, null, null, LiftingMode.None);
        WriteWith(query);
        if (query.SetOperations is not null)
        {
            WriteSetOperations(query);
        }
        else if (query.DistinctOn)
        {
            WriteDistinctOn(query, marker);
        }
        else if (query.WithTies || HasOuterLimit(query))
        {
            WriteRanked(query, marker);
        }
        else
        {
            var outputs = OutputsOf(query);
            if (AggregatesOutsideOfList(query, outputs))
            {
                WriteHiddenAggregate(query, outputs, marker);
                (_scope, _replaced, _replacedFields, _lifted) = saved;
                return;
            }

            var ordered = OrderedSource(query, outputs);
            WriteCore(query, outputs, marker);
            WriteOrderBy(query.OrderBy, clause => OrdinalOf(query, outputs, clause));
            WriteLimit(query, always: ordered);
        }

        (_scope, _replaced, _replacedFields, _lifted) = saved;
    }

    /// <summary>
    /// A query of one group whose aggregates stand in HAVING or ORDER BY alone: SQLite sees that it is one by its select list only.
    /// </summary>
    private static bool AggregatesOutsideOfList(BoundQuery query, List<TargetEntry> outputs) => query.HasAggregates && query.GroupBy.Count == 0
        && !query.HasTargetSets && !outputs.Exists(target => Trees.Any(target.Value, (e, level) => level == 0 && e is Aggref));

    private void WriteHiddenAggregate(BoundQuery query, List<TargetEntry> outputs, string? marker)
    {
        // There is one row at most, so no order.
        var alias = NextAlias();
        _sql.Add("SELECT ");
        WriteStageColumns(outputs, alias, marker);
        _sql.Add(" FROM (");
        WriteCore(
            query,
            () =>
            {
                for (var i = 0; i < outputs.Count; i++)
                {
                    WriteOutput(outputs[i].Value, compared: true);
                    _sql.Add($" AS c{i + 1}, ");
                }

                _sql.Add("count(*) AS aggregated");
            },
            null);
        _sql.Add(") AS ").Add(alias);
        WriteLimit(query);
    }

    /// <summary>The columns of a query's result: those of its select list without the ones that only order.</summary>
    private static List<TargetEntry> OutputsOf(BoundQuery query) => [.. query.Targets.Where(target => !target.Junk)];

    /// <summary>SELECT with everything up to WINDOW, with the targets as columns c1 and up.</summary>
    private void WriteCore(BoundQuery query, IReadOnlyList<TargetEntry> outputs, string? marker = null)
    {
        if (query.HasTargetSets)
        {
            WriteWithTargetSets(query, outputs, marker);
            return;
        }

        WriteCore(query, () => WriteTargets(query, outputs, marker), null);
    }

    /// <param name="moreFrom">Writes more relations of FROM, which is told whether there are others before.</param>
    private void WriteCore(BoundQuery query, Action writeTargets, Action<bool>? moreFrom)
    {
        _sql.Add("SELECT ");
        if (query.Distinct.Count > 0 && !query.DistinctOn)
        {
            _sql.Add("DISTINCT ");
        }

        writeTargets();
        if (query.Having is not null && !query.HasAggregates && query.GroupBy.Count == 0)
        {
            // Without aggregates and groups, HAVING makes one row of whatever there is.
            _sql.Add(" WHERE ");
            WriteCondition(query.Having);
            return;
        }

        WriteFrom(query, moreFrom);
        if (query.Where is not null)
        {
            _sql.Add(" WHERE ");
            WriteCondition(query.Where);
        }

        if (query.GroupBy.Count > 0)
        {
            _sql.Add(" GROUP BY ");
            var separator = "";
            foreach (var clause in query.GroupBy)
            {
                _sql.Add(separator);
                WriteGroupKey(TargetOf(query, clause).Value);
                separator = ", ";
            }
        }

        if (query.Having is not null)
        {
            if (Trees.Any(query.Having, (e, level) => level > 0 && e is Aggref a && a.LevelsUp == level))
            {
                throw AreNotSupported("aggregates of the query around a subquery in HAVING", query.Having.Location);
            }

            _sql.Add(" HAVING ");
            WriteCondition(query.Having);
        }

        WriteWindows(query);
    }

    private void WriteTargets(BoundQuery query, IReadOnlyList<TargetEntry> outputs, string? marker)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            if (query.Distinct.Count > 0 && IsRowType(outputs[i].Value.Type, Schema))
            {
                throw AreNotSupported("distinct rows as values", outputs[i].Value.Location);
            }

            WriteOutput(outputs[i].Value, query.Distinct.Count > 0 || _scope!.Outer is not null || query.SetOperations is not null);
            _sql.Add(" AS c").Add(i + 1);
        }

        if (marker is not null)
        {
            _sql.Add(outputs.Count > 0 ? ", 1 AS " : "1 AS ").Add(marker);
        }
        else if (outputs.Count == 0)
        {
            // A select list may be empty in PostgreSQL.
            _sql.Add("NULL");
        }
    }

    /// <summary>Writes a column of a result, with the collation that DISTINCT, set operations and queries around it go by.</summary>
    private void WriteOutput(BoundExpression value, bool compared)
    {
        if (compared)
        {
            WriteComparable(value);
        }
        else
        {
            WriteRoot(value);
        }
    }

    /// <summary>An expression with the collation of its type, as an operand that is compared.</summary>
    private void WriteComparable(BoundExpression value)
    {
        var saved = _sql.BeginRoot();
        var collation = CollationOf(value);
        Write(value);
        if (collation is not null)
        {
            _sql.Enter();
            _sql.Add(" COLLATE ").Add(collation);
            _sql.Leave();
        }

        _sql.EndRoot(saved);
    }

    private string? CollationOf(BoundExpression value) =>
        StoredTypes.OrderOf(value.Type, Schema)?.Collation ?? (IsForeignText(value) ? "BINARY" : null);

    /// <summary>A column of text of a table that was made over HTTP, which may have declared another collation.</summary>
    private bool IsForeignText(BoundExpression value) => value switch
    {
        Var { Attribute: > 0 } v when _scope is not null => Current.Up(v.LevelsUp).Relations[v.Relation - 1] is { } relation
            && (relation.Entry is RelationEntry { Relation.Foreign: true } || (relation.Values?[v.Attribute - 1] is { } merged && IsForeignText(merged))),
        RelabelExpr r => IsForeignText(r.Argument),
        CollateExpr c => IsForeignText(c.Argument),
        _ => false,
    };

    private static TargetEntry TargetOf(BoundQuery query, SortClause clause) =>
        query.Targets.First(target => target.SortReference == clause.Reference);

    /// <summary>The position of a sorted expression in the result; 0 if it has none.</summary>
    private int OrdinalOf(BoundQuery query, List<TargetEntry> outputs, SortClause clause)
    {
        var target = TargetOf(query, clause);
        return outputs.IndexOf(target) + 1;
    }

    private void WriteGroupKey(BoundExpression key)
    {
        if (IsWithoutColumns(key))
        {
            WriteConstantKey(key);
            return;
        }

        RequireOrder(key, "grouping by");
        WriteComparable(key);
    }

    /// <summary>True for a key whose text may come out as a number, which SQLite would take for the place of a column.</summary>
    private static bool IsWithoutColumns(BoundExpression key) => !Trees.Any(key, (e, _) => e is not (
        Const or Param or FuncExpr or OpExpr or RelabelExpr or CoerceViaIOExpr or CoerceToDomainExpr or CollateExpr));

    /// <summary>Writes a key without columns as an expression that is no number by its form. Its value is kept: it may be volatile.</summary>
    private void WriteConstantKey(BoundExpression key)
    {
        if (key is Const or Param)
        {
            _sql.Add("CAST(");
            WriteRoot(key);
            _sql.Add(" AS BLOB)");
            return;
        }

        _sql.Add("coalesce(");
        WriteRoot(key);
        _sql.Add(", NULL)");
        AddCollation(CollationOf(key));
    }

    private StoredOrder RequireOrder(BoundExpression key, string what) => StoredTypes.OrderOf(key.Type, Schema)
        ?? throw NotSupported($"{what} values of type {TypeFormat.Name(key.Type.Oid)}", key.Location);

    private void WriteOrderBy(NodeList<SortClause> clauses, Func<SortClause, int> ordinal)
    {
        if (clauses.Count == 0)
        {
            return;
        }

        _sql.Add(" ORDER BY ");
        var query = Current.Query;
        for (var i = 0; i < clauses.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            var clause = clauses[i];
            var value = TargetOf(query, clause).Value;
            var order = RequireOrder(value, "ordering by");
            RefuseEnumArrayOrder(value);
            var place = ordinal(clause);
            if (place > 0 && order.EnumOid == 0)
            {
                _sql.Add(place);
                AddCollation(CollationOf(value));
                AddDirection(clause, value);
            }
            else
            {
                WriteSortKey(value, clause);
            }
        }
    }

    /// <summary>An expression as a key of an order, with its direction and the place of its nulls.</summary>
    private void WriteSortKey(BoundExpression value, SortClause clause)
    {
        var order = RequireOrder(value, "ordering by");
        RefuseEnumArrayOrder(value);
        if (order.EnumOid != 0 && value is not (Const or Param))
        {
            WriteEnumOrder(value, order.EnumOid);
        }
        else if (IsWithoutColumns(value))
        {
            WriteConstantKey(value);
        }
        else
        {
            WriteComparable(value);
        }

        AddDirection(clause, value);
    }

    private void AddCollation(string? collation)
    {
        if (collation is not null)
        {
            _sql.Add(" COLLATE ").Add(collation);
        }
    }

    private void AddDirection(SortClause clause, BoundExpression value) => AddDirection(clause, !IsNotNull(value));

    /// <summary>SQLite's own place of nulls is the opposite of PostgreSQL's; for what is never null it is left out, since it costs the use of indexes.</summary>
    private void AddDirection(SortClause clause, bool nullable)
    {
        if (clause.Descending)
        {
            _sql.Add(" DESC");
        }

        if (nullable)
        {
            _sql.Add(clause.NullsFirst ? " NULLS FIRST" : " NULLS LAST");
        }
    }

    private bool IsNotNull(BoundExpression value) => value switch
    {
        Var { Attribute: > 0 } v when _scope is not null => Current.Up(v.LevelsUp).Relations[v.Relation - 1] is { Nullable: false } relation
            && ((relation.Entry is RelationEntry { Relation: { Foreign: false } table } && table.Attributes[v.Attribute - 1].NotNull)
                || (relation.Values?[v.Attribute - 1] is { } merged && IsNotNull(merged))),
        Const c => c.Text is not null,
        RelabelExpr r => IsNotNull(r.Argument),
        _ => false,
    };

    /// <param name="always">LIMIT stands also where it limits nothing.</param>
    private void WriteLimit(BoundQuery query, bool always = false)
    {
        if (HasOuterLimit(query))
        {
            throw NotSupported("a LIMIT that refers to an outer query here", query.Limit?.Location ?? query.Offset!.Location);
        }

        var limit = query.Limit is Const { Text: null } ? null : query.Limit;
        var offset = query.Offset is Const { Text: null } ? null : query.Offset;
        if (limit is null && offset is null)
        {
            _sql.Add(always || _keptApart.Contains(query) ? " LIMIT -1" : "");
            return;
        }

        _sql.Add(" LIMIT ");
        if (limit is null)
        {
            _sql.Add("-1");
        }
        else
        {
            WriteRowCount(limit, "pg_limit");
        }

        if (offset is not null)
        {
            _sql.Add(" OFFSET ");
            WriteRowCount(offset, "pg_offset");
        }
    }

    /// <summary>The constant that a number of rows is.</summary>
    private static Const? NumberOf(BoundExpression? count) => count switch
    {
        Const c => c,
        FuncExpr { Form: CallForm.ImplicitCast, Function.Name: "int8", Arguments: [Const { Type.Oid: PgTypes.Int4 } c] } => c,
        _ => null,
    };

    /// <summary>A number of rows; the function turns NULL into none and refuses negative numbers.</summary>
    private void WriteRowCount(BoundExpression count, string function)
    {
        using var lifting = Lifting();
        if (NumberOf(count) is { Text: { } text } constant && !text.StartsWith('-') && _context.Lifting?.MayLift(constant) != true)
        {
            WriteRoot(constant);
            return;
        }

        var saved = _sql.BeginRoot();
        _sql.Enter();
        _sql.Add(function).Add("(");
        Write(count);
        _sql.Add(")");
        _sql.Leave();
        _sql.EndRoot(saved);
    }
}
