using System.Buffers;
using System.Text;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The definitions of constraints and indexes, as pg_get_constraintdef and pg_get_indexdef print them.</summary>
/// <param name="pretty">Without parentheses that are not needed, and with the schemas of tables only where they must be.</param>
internal sealed class ObjectTexts(SchemaSnapshot snapshot, SchemaNames names, bool pretty)
{
    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.\"");

    private readonly ShownTexts _shown = new(snapshot, names, pretty);

    public string Constraint(ConstraintRow row)
    {
        var constraint = row.Constraint;
        var text = new StringBuilder();
        switch (constraint.Type)
        {
            case ConstraintType.PrimaryKey or ConstraintType.Unique:
                var index = row.Table!.Indexes.FirstOrDefault(i => i.Oid == constraint.IndexOid);
                text.Append(constraint.Type == ConstraintType.PrimaryKey ? "PRIMARY KEY (" : "UNIQUE (").Append(Columns(row.Table, constraint.Columns)).Append(')');
                if (index is not null && index.KeyCount < index.Columns.Count)
                {
                    text.Append(" INCLUDE (").Append(Columns(row.Table, index.Columns.Skip(index.KeyCount))).Append(')');
                }

                break;
            case ConstraintType.ForeignKey:
                AppendForeignKey(text, row);
                break;
            default:
                text.Append("CHECK (").Append(Check(row)).Append(')').Append(constraint.NoInherit ? " NO INHERIT" : "");
                break;
        }

        return text.Append(constraint.Deferrable ? " DEFERRABLE" : "").Append(constraint.InitiallyDeferred ? " INITIALLY DEFERRED" : "")
            .Append(constraint.Validated ? "" : " NOT VALID").ToString();
    }

    private string? Check(ConstraintRow row) => row.Constraint.Expression is not { } text ? null
        : row.Domain is { } domain ? _shown.DomainCheck(text, domain)
        : _shown.Expression(text, row.Table);

    public string Index(IndexOfTable row)
    {
        var (table, index) = row;
        var name = pretty ? names.NameOf(table) : Identifiers.Qualify(table.Schema, table.Name);
        var text = new StringBuilder(index.Unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ")
            .Append(Identifiers.Quote(index.Name)).Append(" ON ").Append(name).Append(" USING btree (")
            .AppendJoin(", ", Enumerable.Range(0, index.KeyCount).Select(place => Key(row, place) + Order(row, place))).Append(')');
        if (index.KeyCount < index.Columns.Count)
        {
            text.Append(" INCLUDE (").Append(Columns(table, index.Columns.Skip(index.KeyCount))).Append(')');
        }

        return text.Append(index.Predicate is { } predicate ? $" WHERE {_shown.Expression(predicate, table)}" : "").ToString();
    }

    /// <summary>A column of an index without its order, as pg_get_indexdef with a column's number prints it; null for a number out of range.</summary>
    public string? IndexColumn(IndexOfTable row, int number) =>
        number < 1 || number > row.Index.Columns.Count ? null : Key(row, number - 1);

    private static string Columns(Relation table, IEnumerable<short> numbers) =>
        string.Join(", ", numbers.Select(number => Identifiers.Quote(table.Attributes[number - 1].Name)));

    private void AppendForeignKey(StringBuilder text, ConstraintRow row)
    {
        var (constraint, target) = (row.Constraint, row.Referenced!);
        text.Append("FOREIGN KEY (").Append(Columns(row.Table!, constraint.Columns)).Append(") REFERENCES ").Append(names.NameOf(target))
            .Append('(').Append(Columns(target, constraint.ReferencedColumns)).Append(')').Append(constraint.Match == 'f' ? " MATCH FULL" : "");
        if (Action(constraint.OnUpdate) is { } update)
        {
            text.Append(" ON UPDATE ").Append(update);
        }

        if (Action(constraint.OnDelete) is { } delete)
        {
            text.Append(" ON DELETE ").Append(delete);
        }
    }

    private static string? Action(char action) => action switch
    {
        'r' => "RESTRICT",
        'c' => "CASCADE",
        'n' => "SET NULL",
        'd' => "SET DEFAULT",
        _ => null,
    };

    private string Key(IndexOfTable row, int place)
    {
        var (table, index) = row;
        if (index.Columns[place] is var number && number != 0)
        {
            return Identifiers.Quote(table.Attributes[number - 1].Name);
        }

        var expression = _shown.Expression(index.Expressions[index.Columns.Take(place).Count(column => column == 0)], table);
        return IsCall(expression) ? expression : $"({expression})";
    }

    private string Order(IndexOfTable row, int place)
    {
        var (table, index) = row;
        var key = index.Attributes[place];
        var text = new StringBuilder();
        var own = index.Columns[place] is var number && number != 0 ? table.Attributes[number - 1].Collation : 0;
        if (index.Collations.ElementAtOrDefault(place) is var given && given != 0 && given != own
            && SchemaNames.CollationName(given) is { } collation)
        {
            text.Append(" COLLATE ").Append(Identifiers.Quote(collation));
        }

        var operators = PgIndex.ClassOf(snapshot, index, key, place);
        if (operators != 0 && operators != Btree.DefaultOf(snapshot, key.Type.Oid)?.Oid && Btree.Find(operators) is { } named)
        {
            text.Append(' ').Append(named.Name);
        }

        // The bits of indoption: 1 for DESC, 2 for NULLS FIRST, which is the rule with DESC.
        return text.Append((index.Options.ElementAtOrDefault(place) & 3) switch
        {
            1 => " DESC NULLS LAST",
            2 => " NULLS FIRST",
            3 => " DESC",
            _ => "",
        }).ToString();
    }

    /// <summary>True for what PostgreSQL prints without more parentheses: a call, or words of SQL for one.</summary>
    private static bool IsCall(string expression)
    {
        var open = expression.IndexOf('(', StringComparison.Ordinal);
        if (open == 0)
        {
            return Between(expression, open) == expression.Length && expression.Contains(" AT TIME ZONE ", StringComparison.Ordinal);
        }

        return open > 0 && Between(expression, open) == expression.Length
            && expression.AsSpan(0, open).IndexOfAnyExcept(s_nameCharacters) < 0;
    }

    /// <summary>The place behind the parenthesis that closes the one at a place; -1 if none does.</summary>
    private static int Between(string text, int open)
    {
        var depth = 0;
        var quote = '\0';
        for (var i = open; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else if (c is '(' or ')' && (depth += c == '(' ? 1 : -1) == 0)
            {
                return i + 1;
            }
        }

        return -1;
    }
}
