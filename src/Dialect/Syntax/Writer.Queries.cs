namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private void WriteQuery(Query query)
    {
        if (query.With is { } with)
        {
            WriteWith(with);
        }

        switch (query)
        {
            case SelectQuery select:
                WriteSelect(select);
                break;
            case ValuesQuery values:
                Add("VALUES");
                WriteList(values.Rows, row => WriteParenthesized(row, WriteExpression));
                break;
            case SetOperation operation:
                WriteSetOperation(operation);
                break;
        }

        WriteOrderBy(query.OrderBy);
        if (query.Offset is { } offset)
        {
            Add("OFFSET");
            WriteExpression(offset);
        }

        WriteLimit(query);
        foreach (var locking in query.Locking)
        {
            WriteLocking(locking);
        }
    }

    private void WriteLimit(Query query)
    {
        if (query.Limit is not { } limit)
        {
            return;
        }

        if (query.WithTies)
        {
            Add("FETCH FIRST");
            WritePrimary(limit);
            Add("ROWS WITH TIES");
        }
        else if (limit is Constant { Kind: ConstantKind.Null })
        {
            Add("LIMIT ALL");
        }
        else
        {
            Add("LIMIT");
            WriteExpression(limit);
        }
    }

    private void WriteLocking(RowLocking locking)
    {
        Add(locking.Strength switch
        {
            LockStrength.Update => "FOR UPDATE",
            LockStrength.NoKeyUpdate => "FOR NO KEY UPDATE",
            LockStrength.Share => "FOR SHARE",
            _ => "FOR KEY SHARE",
        });
        if (locking.Relations.Count > 0)
        {
            Add("OF");
            WriteList(locking.Relations, r => WriteName(r.Parts));
        }

        AddIf(locking.Wait == LockWait.Error, "NOWAIT");
        AddIf(locking.Wait == LockWait.Skip, "SKIP LOCKED");
    }

    private void WriteWith(With with)
    {
        Add(with.Recursive ? "WITH RECURSIVE" : "WITH");
        WriteList(with.Tables, table =>
        {
            AddName(table.Name);
            WriteColumns(table.Columns);
            Add("AS");
            AddIf(table.Materialized == true, "MATERIALIZED");
            AddIf(table.Materialized == false, "NOT MATERIALIZED");
            Open();
            WriteStatement(table.Statement);
            Close();
            WriteSearchAndCycle(table);
        });
    }

    private void WriteSearchAndCycle(CommonTable table)
    {
        if (table.Search is { } search)
        {
            Add(search.BreadthFirst ? "SEARCH BREADTH FIRST BY" : "SEARCH DEPTH FIRST BY");
            WriteNames(search.Columns);
            Add("SET");
            AddName(search.SequenceColumn);
        }

        if (table.Cycle is not { } cycle)
        {
            return;
        }

        Add("CYCLE");
        WriteNames(cycle.Columns);
        Add("SET");
        AddName(cycle.MarkColumn);
        if (cycle.MarkValue is { } mark)
        {
            Add("TO");
            WriteLiteral(mark);
            Add("DEFAULT");
            WriteLiteral(cycle.MarkDefault!);
        }

        Add("USING");
        AddName(cycle.PathColumn);
    }

    /// <summary>A constant in a place where no operator may stand, so that its type is written before it.</summary>
    private void WriteLiteral(Expression literal)
    {
        if (literal is not TypeCast cast)
        {
            WriteExpression(literal);
            return;
        }

        if (cast.Type.Names is ["pg_catalog", "interval"] && cast.Type.Modifiers is [Constant mask] && mask.Text != "32767")
        {
            Add("interval");
            WriteExpression(cast.Operand);
            Add(IntervalFields.Words(int.Parse(mask.Text)) ?? "");
            return;
        }

        WriteType(cast.Type);
        WriteExpression(cast.Operand);
    }

    private void WriteSetOperation(SetOperation operation)
    {
        for (var i = 0; i < operation.Operands.Count; i++)
        {
            if (i > 0)
            {
                Add(operation.Operator == SetOperator.Union ? "UNION" : operation.Operator == SetOperator.Except ? "EXCEPT" : "INTERSECT");
                AddIf(operation.All, "ALL");
            }

            var operand = operation.Operands[i];
            var nested = operand is SetOperation inner
                && (i > 0 || (operation.Operator == SetOperator.Intersect && inner.Operator != SetOperator.Intersect));
            if (i > 0 && operand is SetOperation { Operator: SetOperator.Intersect } && operation.Operator != SetOperator.Intersect)
            {
                nested = false;
            }

            if (nested || HasOptions(operand))
            {
                Open();
                WriteQuery(operand);
                Close();
            }
            else
            {
                WriteQuery(operand);
            }
        }
    }

    private static bool HasOptions(Query query) => query.With is not null || query.OrderBy.Count > 0 || query.Limit is not null
        || query.Offset is not null
        || query.Locking.Count > 0;

    private void WriteSelect(SelectQuery select)
    {
        Add("SELECT");
        if (select.Distinct is { } distinct)
        {
            Add("DISTINCT");
            if (distinct.Count > 0)
            {
                Add("ON");
                WriteParenthesized(distinct, WriteExpression);
            }
        }

        WriteList(select.Targets, WriteTarget);
        if (select.Into is { } into)
        {
            Add("INTO");
            WritePersistence(into.Persistence);
            Add("TABLE");
            WriteName(into.Name.Parts);
        }

        WriteFrom("FROM", select.From);
        WriteWhere("WHERE", select.Where);
        if (select.GroupBy.Count > 0)
        {
            Add(select.GroupByDistinct ? "GROUP BY DISTINCT" : "GROUP BY");
            WriteList(select.GroupBy, WriteGroupingItem);
        }

        WriteWhere("HAVING", select.Having);
        if (select.Windows.Count > 0)
        {
            Add("WINDOW");
            WriteList(select.Windows, window =>
            {
                AddName(window.Name!);
                Add("AS");
                WriteWindow(window);
            });
        }
    }

    private void WriteFrom(string word, NodeList<TableExpression> tables)
    {
        if (tables.Count > 0)
        {
            Add(word);
            WriteList(tables, WriteTable);
        }
    }

    private void WriteWhere(string word, Expression? condition)
    {
        if (condition is not null)
        {
            Add(word);
            WriteExpression(condition);
        }
    }

    private void WriteTarget(Target target)
    {
        WriteExpression(target.Value);
        if (target.Label is { } label)
        {
            Add("AS");
            AddName(label);
        }
    }

    private void WriteReturning(NodeList<Target> targets)
    {
        if (targets.Count > 0)
        {
            Add("RETURNING");
            WriteList(targets, WriteTarget);
        }
    }

    private void WriteOrderBy(NodeList<SortItem> items)
    {
        if (items.Count > 0)
        {
            Add("ORDER BY");
            WriteList(items, WriteSortItem);
        }
    }

    private void WriteSortItem(SortItem item)
    {
        WriteExpression(item.Value);
        if (item.Operator is { } symbol)
        {
            Add("USING");
            WriteOperator(symbol);
        }

        WriteDirection(item.Direction, item.Nulls);
    }

    private void WriteDirection(SortDirection direction, NullsOrder nulls)
    {
        AddIf(direction == SortDirection.Ascending, "ASC");
        AddIf(direction == SortDirection.Descending, "DESC");
        AddIf(nulls == NullsOrder.First, "NULLS FIRST");
        AddIf(nulls == NullsOrder.Last, "NULLS LAST");
    }

    private void WriteGroupingItem(Node item)
    {
        if (item is not GroupingSet set)
        {
            WriteExpression((Expression)item);
            return;
        }

        Add(set.Kind switch
        {
            GroupingSetKind.Rollup => "ROLLUP",
            GroupingSetKind.Cube => "CUBE",
            GroupingSetKind.Sets => "GROUPING SETS",
            _ => "",
        });
        WriteParenthesized(set.Items, WriteGroupingItem);
    }

    private void WriteWindow(WindowSpecification window)
    {
        if (window.IsReference)
        {
            AddName(window.Name!);
            return;
        }

        Open();
        if (window.Base is { } origin)
        {
            AddName(origin);
        }

        if (window.PartitionBy.Count > 0)
        {
            Add("PARTITION BY");
            WriteExpressions(window.PartitionBy);
        }

        WriteOrderBy(window.OrderBy);
        if (window.Frame is { } frame)
        {
            WriteFrame(frame);
        }

        Close();
    }

    private void WriteFrame(WindowFrame frame)
    {
        Add(frame.Mode == FrameMode.Range ? "RANGE" : frame.Mode == FrameMode.Rows ? "ROWS" : "GROUPS");
        AddIf(frame.End is not null, "BETWEEN");
        WriteBound(frame.Start);
        if (frame.End is { } end)
        {
            Add("AND");
            WriteBound(end);
        }

        AddIf(frame.Exclusion == FrameExclusion.CurrentRow, "EXCLUDE CURRENT ROW");
        AddIf(frame.Exclusion == FrameExclusion.Group, "EXCLUDE GROUP");
        AddIf(frame.Exclusion == FrameExclusion.Ties, "EXCLUDE TIES");
    }

    private void WriteBound(FrameBound bound)
    {
        if (bound.Offset is { } offset)
        {
            WriteExpression(offset);
        }

        Add(bound.Kind switch
        {
            FrameBoundKind.UnboundedPreceding => "UNBOUNDED PRECEDING",
            FrameBoundKind.UnboundedFollowing => "UNBOUNDED FOLLOWING",
            FrameBoundKind.CurrentRow => "CURRENT ROW",
            FrameBoundKind.Preceding => "PRECEDING",
            _ => "FOLLOWING",
        });
    }
}
