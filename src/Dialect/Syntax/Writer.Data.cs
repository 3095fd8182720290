namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private void WriteInsert(InsertStatement insert)
    {
        WriteOptionalWith(insert.With);
        Add("INSERT INTO");
        WriteName(insert.Table.Parts);
        if (insert.Alias is { } alias)
        {
            Add("AS");
            AddName(alias);
        }

        if (insert.Columns.Count > 0)
        {
            WriteParenthesized(insert.Columns, WriteWrittenColumn);
        }

        WriteOverriding(insert.Overriding);
        if (insert.Source is { } source)
        {
            WriteQuery(source);
        }
        else
        {
            Add("DEFAULT VALUES");
        }

        if (insert.OnConflict is { } conflict)
        {
            WriteConflict(conflict);
        }

        WriteReturning(insert.Returning);
    }

    private void WriteOptionalWith(With? with)
    {
        if (with is not null)
        {
            WriteWith(with);
        }
    }

    private void WriteOverriding(Overriding overriding)
    {
        AddIf(overriding == Overriding.User, "OVERRIDING USER VALUE");
        AddIf(overriding == Overriding.System, "OVERRIDING SYSTEM VALUE");
    }

    private void WriteWrittenColumn(WrittenColumn column)
    {
        AddName(column.Name);
        WriteSteps(column.Steps);
    }

    private void WriteConflict(ConflictClause conflict)
    {
        Add("ON CONFLICT");
        if (conflict.Target is { Constraint: { } constraint })
        {
            Add("ON CONSTRAINT");
            AddName(constraint);
        }
        else if (conflict.Target is { } target)
        {
            WriteParenthesized(target.Elements, WriteIndexElement);
            WriteWhere("WHERE", target.Where);
        }

        if (conflict.Set is not { } set)
        {
            Add("DO NOTHING");
            return;
        }

        Add("DO UPDATE SET");
        WriteList(set, WriteAssignment);
        WriteWhere("WHERE", conflict.Where);
    }

    private void WriteAssignment(Assignment assignment)
    {
        if (assignment.Multiple)
        {
            WriteParenthesized(assignment.Columns, WriteWrittenColumn);
        }
        else
        {
            WriteWrittenColumn(assignment.Columns[0]);
        }

        Add("=");
        WriteExpression(assignment.Value);
    }

    private void WriteUpdate(UpdateStatement update)
    {
        WriteOptionalWith(update.With);
        Add("UPDATE");
        WriteTable(update.Table);
        Add("SET");
        WriteList(update.Set, WriteAssignment);
        WriteFrom("FROM", update.From);
        WriteWhere("WHERE", update.Where);
        WriteReturning(update.Returning);
    }

    private void WriteDelete(DeleteStatement delete)
    {
        WriteOptionalWith(delete.With);
        Add("DELETE FROM");
        WriteTable(delete.Table);
        WriteFrom("USING", delete.Using);
        WriteWhere("WHERE", delete.Where);
        WriteReturning(delete.Returning);
    }

    private void WriteMerge(MergeStatement merge)
    {
        WriteOptionalWith(merge.With);
        Add("MERGE INTO");
        WriteTable(merge.Target);
        Add("USING");
        WriteTable(merge.Source);
        WriteWhere("ON", merge.On);
        foreach (var when in merge.Whens)
        {
            Add(when.Matched ? "WHEN MATCHED" : "WHEN NOT MATCHED");
            WriteWhere("AND", when.Condition);
            Add("THEN");
            WriteMergeAction(when);
        }
    }

    private void WriteMergeAction(MergeWhen when)
    {
        switch (when.Action)
        {
            case MergeAction.Nothing:
                Add("DO NOTHING");
                break;
            case MergeAction.Delete:
                Add("DELETE");
                break;
            case MergeAction.Update:
                Add("UPDATE SET");
                WriteList(when.Set, WriteAssignment);
                break;
            case MergeAction.Insert when when.Values is null:
                Add("INSERT DEFAULT VALUES");
                break;
            case MergeAction.Insert:
                Add("INSERT");
                if (when.Columns.Count > 0)
                {
                    WriteParenthesized(when.Columns, WriteWrittenColumn);
                }

                WriteOverriding(when.Overriding);
                Add("VALUES");
                WriteParenthesized(when.Values!, WriteExpression);
                break;
        }
    }
}
