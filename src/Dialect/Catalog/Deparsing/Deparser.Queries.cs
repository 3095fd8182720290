using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog.Deparsing;

/// <content>SELECT, VALUES and set operations.</content>
internal sealed partial class Deparser
{
    private const string Unnamed = "?column?";

    /// <param name="columns">The names that the result has from outside; null for its own.</param>
    /// <param name="namesVisible">The result's names can be seen from outside.</param>
    private void WriteQuery(BoundQuery query, IReadOnlyList<string>? columns, bool namesVisible)
    {
        if (query.Kind != QueryKind.Select)
        {
            throw new DialectException(SqlState.FeatureNotSupported, "a definition that changes data is not supported");
        }

        _queries.Add(QueryNames.Of(query, _queries, _schema, _bound));
        WriteCommonTables(query);
        if (query.SetOperations is { } operations)
        {
            WriteSetOperation(operations, query, columns, namesVisible);
        }
        else
        {
            WriteSelect(query, columns, namesVisible);
        }

        WriteTail(query);
        _queries.RemoveAt(_queries.Count - 1);
    }

    private void WriteTail(BoundQuery query)
    {
        if (query.OrderBy.Count > 0)
        {
            Line(" ORDER BY ", -IndentStandard, IndentStandard, 1);
            WriteSort(query.OrderBy, query.Targets, numbers: query.SetOperations is not null);
        }

        if (query.Offset is { } offset)
        {
            Line(" OFFSET ", -IndentStandard, IndentStandard, 0);
            Write(offset, showImplicit: false);
        }

        if (query.Limit is { } limit)
        {
            Line(query.WithTies ? " FETCH FIRST " : " LIMIT ", -IndentStandard, IndentStandard, 0);
            if (limit is Const { Text: null })
            {
                Add("ALL");
            }
            else if (query.WithTies)
            {
                Add('(');
                Write(limit, showImplicit: false);
                Add(')');
            }
            else
            {
                Write(limit, showImplicit: false);
            }

            Add(query.WithTies ? " ROWS WITH TIES" : "");
        }

        WriteLocking(query);
    }

    /// <summary>A clause for each relation that is locked, whether it was named or not.</summary>
    private void WriteLocking(BoundQuery query)
    {
        var names = _queries[^1].Relations;
        foreach (var locking in query.Locking)
        {
            var locked = Enumerable.Range(0, names.Count).Where(place => query.Relations[place] is RelationEntry or SubqueryEntry
                && (locking.Relations.Count == 0 || locking.Relations.Any(name => name.Name == query.Relations[place].Name)));
            foreach (var place in locked)
            {
                Line(
                    locking.Strength switch
                    {
                        LockStrength.Update => " FOR UPDATE",
                        LockStrength.NoKeyUpdate => " FOR NO KEY UPDATE",
                        LockStrength.Share => " FOR SHARE",
                        _ => " FOR KEY SHARE",
                    },
                    -IndentStandard, IndentStandard, 0);
                Add(" OF " + Identifiers.Quote(names[place]!));
                Add(locking.Wait switch { LockWait.Error => " NOWAIT", LockWait.Skip => " SKIP LOCKED", _ => "" });
            }
        }
    }

    private void WriteCommonTables(BoundQuery query)
    {
        if (query.CommonTables.Count == 0)
        {
            return;
        }

        if (_indents)
        {
            _level += IndentStandard;
            Add(' ');
        }

        var separator = query.Recursive ? "WITH RECURSIVE " : "WITH ";
        foreach (var table in query.CommonTables)
        {
            Add(separator + Identifiers.Quote(table.Name));
            if (!table.Names.SequenceEqual(table.Query.Visible.Select(target => target.Name ?? Unnamed)))
            {
                Add($"({string.Join(", ", table.Names.Select(Identifiers.Quote))})");
            }

            Add(" AS " + table.Materialized switch { true => "MATERIALIZED ", false => "NOT MATERIALIZED ", _ => "" } + "(");
            Break();
            WriteNested(table.Query, null, namesVisible: true);
            Break();
            Add(')');
            separator = ", ";
        }

        if (_indents)
        {
            _level -= IndentStandard;
            Line("", 0, 0, 0);
        }
        else
        {
            Add(' ');
        }
    }

    private void Break()
    {
        if (_indents)
        {
            Line("", 0, 0, 0);
        }
    }

    private void WriteSelect(BoundQuery query, IReadOnlyList<string>? columns, bool namesVisible)
    {
        if (_indents)
        {
            _level += IndentStandard;
            Add(' ');
        }

        if (ValuesOf(query) is { } values)
        {
            WriteRows(values.Rows);
            return;
        }

        Add("SELECT");
        if (query.DistinctOn)
        {
            Add(" DISTINCT ON (");
            WriteSortItems(query.Distinct, query.Targets);
            Add(')');
        }
        else if (query.Distinct.Count > 0)
        {
            Add(" DISTINCT");
        }

        WriteTargets([.. query.Targets.Where(target => !target.Junk)], columns, namesVisible);
        WriteFrom(query);
        if (query.Where is { } where)
        {
            Line(" WHERE ", -IndentStandard, IndentStandard, 1);
            Write(where, showImplicit: false);
        }

        if (query.GroupBy.Count > 0)
        {
            Line(" GROUP BY ", -IndentStandard, IndentStandard, 1);
            WriteSortItems(query.GroupBy, query.Targets);
        }

        if (query.Having is { } having)
        {
            Line(" HAVING ", -IndentStandard, IndentStandard, 0);
            Write(having, showImplicit: false);
        }

        WriteNamedWindows(query);
    }

    private void WriteNamedWindows(BoundQuery query)
    {
        var first = true;
        foreach (var window in query.Windows.Where(window => window.Name is not null))
        {
            if (first)
            {
                Line(" WINDOW ", -IndentStandard, IndentStandard, 1);
            }
            else
            {
                Add(", ");
            }

            Add($"{Identifiers.Quote(window.Name!)} AS ");
            WriteWindow(window, query);
            first = false;
        }
    }

    /// <summary>The rows of a query that is VALUES alone; null for another one.</summary>
    private static ValuesEntry? ValuesOf(BoundQuery query) =>
        query is { Where: null, GroupBy.Count: 0, Having: null, Distinct.Count: 0, Relations: [ValuesEntry { Unnamed: true } values] } ? values : null;

    private void WriteRows(NodeList<NodeList<BoundExpression>> rows)
    {
        Add("VALUES ");
        for (var i = 0; i < rows.Count; i++)
        {
            Add(i > 0 ? ", (" : "(");
            WriteList(rows[i], ",", showImplicit: false);
            Add(')');
        }
    }

    private void WriteTargets(TargetEntry[] targets, IReadOnlyList<string>? columns, bool namesVisible)
    {
        for (var i = 0; i < targets.Length; i++)
        {
            Add(i == 0 ? " " : ", ");
            var target = targets[i];
            var name = columns is not null && i < columns.Count ? columns[i] : target.Name ?? Unnamed;
            Item(i == 0, () =>
            {
                string? shown;
                if (target.Value is Var v)
                {
                    var written = VariableName(v, topLevel: true);
                    Add(written);
                    shown = v.Attribute == 0 ? null : OwnName(written);
                }
                else
                {
                    Write(target.Value, showImplicit: true);
                    shown = namesVisible ? null : Unnamed;
                }

                if (shown != name)
                {
                    Add($" AS {Identifiers.Quote(name)}");
                }
            });
        }
    }

    // The name of a column behind its relation's.
    private static string OwnName(string written) => Identifiers.Split(written)[^1];

    private void WriteSetOperation(SetOperationTree tree, BoundQuery query, IReadOnlyList<string>? columns, bool namesVisible)
    {
        // Operations of one kind on the left need no parentheses.
        var indent = tree.Left.Operation is { } left && (left.Operator != tree.Operator || left.All != tree.All) ? IndentStandard : 0;
        if (indent > 0)
        {
            Add('(');
            Line("", indent, 0, 0);
        }

        WriteOperand(tree.Left, query, columns, namesVisible);
        if (indent > 0)
        {
            Line(") ", -indent, 0, 0);
        }
        else if (_indents)
        {
            Line("", 0, 0, 0);
        }
        else
        {
            Add(' ');
        }

        Add(tree.Operator switch { SetOperator.Union => "UNION ", SetOperator.Intersect => "INTERSECT ", _ => "EXCEPT " });
        Add(tree.All ? "ALL " : "");
        indent = tree.Right.Operation is null ? 0 : IndentStandard;
        Add(indent > 0 ? "(" : "");
        Line("", indent, 0, 0);
        WriteOperand(tree.Right, query, columns, namesVisible: false);
        if (_indents)
        {
            _level -= indent;
        }

        if (indent > 0)
        {
            Line(")", 0, 0, 0);
        }
    }

    private void WriteOperand(SetOperand operand, BoundQuery query, IReadOnlyList<string>? columns, bool namesVisible)
    {
        if (operand.Operation is { } operation)
        {
            WriteSetOperation(operation, query, columns, namesVisible);
            return;
        }

        var inner = ((SubqueryEntry)query.Relations[operand.Relation - 1]).Query;
        var parenthesized = inner.CommonTables.Count > 0 || inner.OrderBy.Count > 0 || inner.Locking.Count > 0 || inner.Offset is not null
            || inner.Limit is not null || inner.SetOperations is not null;
        Add(parenthesized ? "(" : "");
        WriteNested(inner, columns, namesVisible);
        Add(parenthesized ? ")" : "");
    }

    /// <summary>A query within another one begins with the indentation of its place, which it leaves as it was.</summary>
    private void WriteNested(BoundQuery query, IReadOnlyList<string>? columns, bool namesVisible)
    {
        var level = _level;
        WriteQuery(query, columns, namesVisible);
        _level = level;
    }

    private void WriteSortItems(NodeList<SortClause> clauses, NodeList<TargetEntry> targets)
    {
        for (var i = 0; i < clauses.Count; i++)
        {
            Add(i > 0 ? ", " : "");
            WriteSortItem(clauses[i], targets, numbers: false);
        }
    }

    private void WriteSort(NodeList<SortClause> clauses, NodeList<TargetEntry> targets, bool numbers)
    {
        for (var i = 0; i < clauses.Count; i++)
        {
            var clause = clauses[i];
            Add(i > 0 ? ", " : "");
            var type = WriteSortItem(clause, targets, numbers);
            if (clause.Order is { } order && !IsDefaultOrder(order, type))
            {
                Add($" USING {order.Name}");
                Add(clause.NullsFirst ? " NULLS FIRST" : " NULLS LAST");
                continue;
            }

            Add(clause.Descending ? " DESC" : "");
            Add(clause.NullsFirst == clause.Descending ? "" : clause.NullsFirst ? " NULLS FIRST" : " NULLS LAST");
        }
    }

    private static bool IsDefaultOrder(PgOperator order, uint type) => order.Name is "<" or ">" || type == 0;

    private uint WriteSortItem(SortClause clause, NodeList<TargetEntry> targets, bool numbers)
    {
        var target = targets.First(entry => entry.SortReference == clause.Reference);
        switch (target.Value)
        {
            case var _ when numbers:
                Add($"{target.Number}");
                break;
            case Const constant:
                WriteConstant(constant, Label.Always);
                break;
            case Var:
                Write(target.Value, showImplicit: true);
                break;
            case var _ when _pretty:
            case FuncExpr or Aggref or WindowFunc or CoalesceExpr or MinMaxExpr or NullIfExpr or SqlValueExpr:
                // Alone a call could be read as a name of the result.
                Add('(');
                Write(target.Value, showImplicit: true);
                Add(')');
                break;
            default:
                Write(target.Value, showImplicit: true);
                break;
        }

        return target.Value.Type.Oid;
    }
}
