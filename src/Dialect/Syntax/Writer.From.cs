namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private void WriteTable(TableExpression table)
    {
        switch (table)
        {
            case RelationReference relation:
                WriteRelation(relation);
                WriteAlias(relation.Alias);
                break;
            case TableSample sample:
                WriteTable(sample.Relation);
                Add("TABLESAMPLE");
                WriteName(sample.Method);
                WriteParenthesized(sample.Arguments, WriteExpression);
                if (sample.Repeatable is { } seed)
                {
                    Add("REPEATABLE");
                    WriteParenthesized(seed);
                }

                break;
            case SubqueryTable subquery:
                AddIf(subquery.Lateral, "LATERAL");
                Open();
                WriteQuery(subquery.Query);
                Close();
                WriteAlias(subquery.Alias);
                break;
            case FunctionTable function:
                WriteFunctionTable(function);
                break;
            case XmlTable xml:
                WriteXmlTable(xml);
                break;
            case JoinExpression join:
                WriteJoin(join);
                break;
        }
    }

    private void WriteRelation(RelationReference relation)
    {
        AddIf(relation.Only, "ONLY");
        WriteName(relation.Name.Parts);
    }

    private void WriteAlias(TableAlias? alias)
    {
        if (alias is not null)
        {
            Add("AS");
            AddName(alias.Name);
            WriteColumns(alias.Columns);
        }
    }

    private void WriteFunctionTable(FunctionTable table)
    {
        AddIf(table.Lateral, "LATERAL");
        if (table.RowsFrom)
        {
            Add("ROWS FROM");
            WriteParenthesized(table.Functions, item =>
            {
                WriteFunction(item.Call);
                if (item.Columns.Count > 0)
                {
                    Add("AS");
                    WriteParenthesized(item.Columns, WriteColumnDefinition);
                }
            });
        }
        else
        {
            WriteFunction(table.Functions[0].Call);
        }

        AddIf(table.Ordinality, "WITH ORDINALITY");
        if (table.Columns.Count == 0)
        {
            WriteAlias(table.Alias);
            return;
        }

        Add("AS");
        if (table.Alias is { } alias)
        {
            AddName(alias.Name);
        }

        WriteParenthesized(table.Columns, WriteColumnDefinition);
    }

    /// <summary>A call where the grammar takes no operator: a cast is written in words.</summary>
    private void WriteFunction(Expression call)
    {
        if (call is not TypeCast cast)
        {
            WriteExpression(call);
            return;
        }

        Add("CAST(");
        WriteExpression(cast.Operand);
        Add("AS");
        WriteType(cast.Type);
        Close();
    }

    private void WriteXmlTable(XmlTable table)
    {
        AddIf(table.Lateral, "LATERAL");
        Add("XMLTABLE(");
        if (table.Namespaces.Count > 0)
        {
            Add("XMLNAMESPACES");
            WriteParenthesized(table.Namespaces, space =>
            {
                AddIf(space.Label is null, "DEFAULT");
                WriteRestricted(space.Value);
                if (space.Label is { } label)
                {
                    Add("AS");
                    AddName(label);
                }
            });
            Attach(",");
        }

        WritePrimary(table.Row);
        Add("PASSING");
        WritePrimary(table.Document);
        Add("COLUMNS");
        WriteList(table.Columns, WriteXmlColumn);
        Close();
        WriteAlias(table.Alias);
    }

    private void WriteXmlColumn(XmlTableColumn column)
    {
        AddName(column.Name);
        if (column.Type is not { } type)
        {
            Add("FOR ORDINALITY");
            return;
        }

        WriteType(type);
        if (column.Path is { } path)
        {
            Add("PATH");
            WriteRestricted(path);
        }

        if (column.Default is { } value)
        {
            Add("DEFAULT");
            WriteRestricted(value);
        }

        AddIf(column.NotNull, "NOT NULL");
    }

    private void WriteJoin(JoinExpression join)
    {
        if (join.Alias is not null)
        {
            Open();
        }

        WriteTable(join.Left);
        AddIf(join.Natural, "NATURAL");
        var cross = join is { Kind: JoinKind.Inner, Natural: false, On: null, Using.Count: 0 };
        Add(cross ? "CROSS JOIN" : join.Kind switch
        {
            JoinKind.Left => "LEFT JOIN",
            JoinKind.Right => "RIGHT JOIN",
            JoinKind.Full => "FULL JOIN",
            _ => "JOIN",
        });
        if (join.Right is JoinExpression { Alias: null } && (cross || join.Natural))
        {
            Open();
            WriteTable(join.Right);
            Close();
        }
        else
        {
            WriteTable(join.Right);
        }

        WriteWhere("ON", join.On);
        if (join.Using.Count > 0)
        {
            Add("USING");
            WriteColumns(join.Using);
            if (join.UsingAlias is { } alias)
            {
                Add("AS");
                AddName(alias);
            }
        }

        if (join.Alias is not null)
        {
            Close();
            WriteAlias(join.Alias);
        }
    }
}
