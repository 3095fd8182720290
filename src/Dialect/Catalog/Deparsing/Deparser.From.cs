using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Catalog.Deparsing;

/// <content>FROM and queries within expressions.</content>
internal sealed partial class Deparser
{
    private void WriteFrom(BoundQuery query)
    {
        for (var i = 0; i < query.From.Count; i++)
        {
            var item = query.From[i];
            if (i == 0)
            {
                Line(" FROM ", -IndentStandard, IndentStandard, 2);
                WriteFromItem(item, query);
            }
            else
            {
                Add(", ");
                Item(first: false, () => WriteFromItem(item, query));
            }
        }
    }

    private void WriteFromItem(FromItem item, BoundQuery query)
    {
        if (item is FromJoin join)
        {
            WriteJoin(join, query);
            return;
        }

        var number = ((FromRelation)item).Relation;
        var entry = query.Relations[number - 1];
        var name = _queries[^1].Relations[number - 1];
        Add(entry.Lateral && entry is SubqueryEntry or FunctionEntry { Lateral: true } ? "LATERAL " : "");
        switch (entry)
        {
            case RelationEntry relation:
                Add(relation.Only ? "ONLY " : "");
                var current = QueryNames.Current(relation.Relation, _schema);
                Add(_names.NameOf(current));
                WriteAlias(entry, name, entry.Alias is not null || current.Name != name);
                break;
            case SubqueryEntry subquery:
                Add('(');
                WriteNested(subquery.Query, null, namesVisible: true);
                Add(')');
                WriteAlias(entry, name, always: true);
                break;
            case ValuesEntry values:
                Add('(');
                WriteRows(values.Rows);
                Add(')');
                WriteAlias(entry, name, always: true, columns: true);
                break;
            case FunctionEntry function:
                WriteFunctions(function);
                WriteFunctionAlias(function, name);
                break;
            case CommonTableEntry table:
                Add(Identifiers.Quote(table.Table));
                WriteAlias(entry, name, entry.Alias is not null || table.Table != name);
                break;
            default:
                throw new DialectException(Types.SqlState.FeatureNotSupported, "this view is not supported");
        }
    }

    /// <param name="columns">The names of columns are printed although none were written.</param>
    private void WriteAlias(RangeTableEntry entry, string? name, bool always, bool columns = false)
    {
        if (always && name is not null)
        {
            Add(" " + Identifiers.Quote(name));
        }

        // A table's own names are not repeated.
        if (columns || (entry.Alias is { Columns.Count: > 0 } && (entry is not RelationEntry { Relation: var relation }
            || !entry.Columns.SequenceEqual(relation.Attributes.Select(column => column.Name)))))
        {
            Add($"({string.Join(", ", Enumerable.Range(0, entry.Columns.Count).Select(place => Identifiers.Quote(ColumnName(entry, place))))})");
        }
    }

    /// <summary>The name of a column of a relation: one that no alias gives is the table's, which may have changed since.</summary>
    private string ColumnName(RangeTableEntry entry, int place) =>
        entry is RelationEntry { Relation: var relation } && relation.Attributes[place].Name == entry.Columns[place]
            ? QueryNames.Current(relation, _schema).Attributes[place].Name
            : entry.Columns[place];

    private void WriteFunctions(FunctionEntry entry)
    {
        var several = entry.Functions.Count > 1 || (entry.Functions.Count == 1 && entry.Ordinality && entry.Functions[0].Definition);
        Add(several ? "ROWS FROM(" : "");
        for (var i = 0; i < entry.Functions.Count; i++)
        {
            Add(i > 0 ? ", " : "");
            Write(entry.Functions[i].Call, showImplicit: true);
            if (several && entry.Functions[i].Definition)
            {
                Add(" AS ");
                WriteDefinition(entry.Functions[i]);
            }
        }

        Add(several ? ")" : "");
        Add(entry.Ordinality ? " WITH ORDINALITY" : "");
    }

    private void WriteFunctionAlias(FunctionEntry entry, string? name)
    {
        Add(name is null ? "" : " " + Identifiers.Quote(name));
        if (entry.Functions is [{ Definition: true } only] && !entry.Ordinality)
        {
            WriteDefinition(only);
        }
        else
        {
            Add($"({string.Join(", ", entry.Columns.Select(Identifiers.Quote))})");
        }
    }

    private void WriteDefinition(BoundTableFunction function)
    {
        var columns = function.Columns.Select((column, i) =>
            $"{Identifiers.Quote(column)} {_names.TypeName(function.Types[i].Oid, function.Types[i].Modifier)}");
        Add($"({string.Join(", ", columns)})");
    }

    private void WriteJoin(FromJoin join, BoundQuery query)
    {
        var entry = (JoinEntry)query.Relations[join.Relation - 1];
        var parenthesized = !_pretty || entry.Alias is not null;
        Add(parenthesized ? "(" : "");
        WriteFromItem(join.Left, query);
        var conditional = join.On is not null || join.Using.Count > 0;
        Line(
            join.Kind switch
            {
                JoinKind.Left => " LEFT JOIN ",
                JoinKind.Right => " RIGHT JOIN ",
                JoinKind.Full => " FULL JOIN ",
                _ => conditional ? " JOIN " : " CROSS JOIN ",
            },
            -IndentStandard, IndentStandard, IndentJoin);
        var rightParenthesized = _pretty && join.Right is FromJoin right && ((JoinEntry)query.Relations[right.Relation - 1]).Alias is null;
        Add(rightParenthesized ? "(" : "");
        WriteFromItem(join.Right, query);
        Add(rightParenthesized ? ")" : "");
        if (join.Using.Count > 0)
        {
            Add($" USING ({string.Join(", ", join.Using.Select(Identifiers.Quote))})");
            Add(entry.UsingAlias is { } alias ? $" AS {Identifiers.Quote(alias)}" : "");
        }
        else if (join.On is { } condition)
        {
            Add(" ON ");
            Open();
            Write(condition, showImplicit: false);
            Close();
        }
        else if (join.Kind is JoinKind.Left or JoinKind.Right or JoinKind.Full)
        {
            Add(" ON TRUE");
        }

        Add(parenthesized ? ")" : "");
        if (entry.Alias is not null)
        {
            WriteAlias(entry, _queries[^1].Relations[join.Relation - 1], always: true);
        }
    }

    private void WriteSubLink(SubLink e)
    {
        Add(e.Kind == SubLinkKind.Array ? "ARRAY(" : "(");
        if (e.Left.Count == 1)
        {
            Write(e.Left[0], showImplicit: true);
        }
        else if (e.Left.Count > 1)
        {
            Add('(');
            WriteList(e.Left);
            Add(')');
        }

        var operation = e.Operators.Count > 0 ? e.Operators[0].Name : "";
        var parenthesized = true;
        switch (e.Kind)
        {
            case SubLinkKind.Exists:
                Add("EXISTS ");
                break;
            case SubLinkKind.Any:
                Add(operation == "=" ? " IN " : $" {operation} ANY ");
                break;
            case SubLinkKind.All:
                Add($" {operation} ALL ");
                break;
            case SubLinkKind.RowCompare:
                Add($" {operation} ");
                break;
            default:
                parenthesized = false;
                break;
        }

        Add(parenthesized ? "(" : "");
        WriteNested(e.Query, null, namesVisible: false);
        Add(parenthesized ? "))" : ")");
    }
}
