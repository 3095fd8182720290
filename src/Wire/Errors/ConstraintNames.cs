using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Errors;

/// <summary>
/// Completes errors of constraints by the schema: SQLite tells a violated key by its columns, a CHECK by its name alone, and a foreign key not at all.
/// </summary>
internal static class ConstraintNames
{
    /// <param name="target">The table that the statement changes.</param>
    /// <param name="tag">INSERT, UPDATE or DELETE.</param>
    /// <param name="changed">The columns that an UPDATE sets.</param>
    public static PgError Complete(
        PgError error, StatementError failed, SchemaSnapshot schema, Relation target, string tag, IReadOnlyList<short> changed) => error.SqlState switch
    {
        SqlState.UniqueViolation => Unique(error, failed.Message, schema),
        SqlState.NotNullViolation when failed.SqlState is not null => RowId(error, target),
        SqlState.NotNullViolation => NotNull(error, failed.Message, schema),
        SqlState.CheckViolation when error.Constraint is { } name => Check(error, name, schema, target),
        SqlState.ForeignKeyViolation when failed.SqlState is not null => Named(error, schema),
        SqlState.ForeignKeyViolation => ForeignKey(error, schema, target, tag, changed),
        _ => error,
    };

    /// <summary>The error of a value that a domain refuses, with the domain's and the constraint's names.</summary>
    /// <param name="path">The schemas in which the domain is looked for: its name in the message has none.</param>
    public static PgError OfDomain(PgError error, SchemaSnapshot? schema, IReadOnlyList<string> path)
    {
        const string Check = "value for domain ", NotNull = "domain ", Constraint = " violates check constraint \"";
        var (name, constraint) = ("", (string?)null);
        if (error.SqlState == SqlState.CheckViolation && error.Message.StartsWith(Check, StringComparison.Ordinal)
            && error.Message.IndexOf(Constraint, StringComparison.Ordinal) is > 0 and var end)
        {
            (name, constraint) = (error.Message[Check.Length..end], error.Message[(end + Constraint.Length)..^1]);
        }
        else if (error.SqlState == SqlState.NotNullViolation && error.Message.StartsWith(NotNull, StringComparison.Ordinal))
        {
            name = error.Message[NotNull.Length..error.Message.IndexOf(' ', NotNull.Length)];
        }

        name = name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;
        return name.Length == 0 ? error : error with
        {
            Schema = path.FirstOrDefault(entry => schema?.FindType(entry, name) is { Kind: 'd' }),
            DataType = name,
            Constraint = constraint,
        };
    }

    private static PgError Unique(PgError error, string message, SchemaSnapshot schema)
    {
        const string ByIndex = "UNIQUE constraint failed: index '";
        if (message.StartsWith(ByIndex, StringComparison.Ordinal))
        {
            var sqliteName = message[ByIndex.Length..].TrimEnd('\'');
            var holder = schema.Relations.FirstOrDefault(table => table.Indexes.Any(index => index.SqliteName == sqliteName));
            return holder is null ? error : Unique(error, holder, holder.Indexes.First(index => index.SqliteName == sqliteName));
        }

        const string ByColumns = "UNIQUE constraint failed: ";
        if (!message.StartsWith(ByColumns, StringComparison.Ordinal) || TableOf(message[ByColumns.Length..], schema) is not { } table)
        {
            return error;
        }

        var columns = message[ByColumns.Length..].Split(", ").Select(column => NumberOf(column, table)).ToArray();
        var violated = table.Indexes.FirstOrDefault(index => index.Unique && index.Columns.Take(index.KeyCount).SequenceEqual(columns));
        return violated is null ? error : Unique(error, table, violated);
    }

    private static PgError Unique(PgError error, Relation table, IndexInfo index) => At(error, table) with
    {
        Message = $"duplicate key value violates unique constraint \"{index.Name}\"",
        Constraint = index.Name,
    };

    private static PgError NotNull(PgError error, string message, SchemaSnapshot schema)
    {
        const string Prefix = "NOT NULL constraint failed: ";
        if (!message.StartsWith(Prefix, StringComparison.Ordinal) || TableOf(message[Prefix.Length..], schema) is not { } table)
        {
            return error;
        }

        var column = message[(Prefix.Length + table.SqliteName.Length + 1)..];
        return At(error, table) with
        {
            Message = $"null value in column \"{column}\" of relation \"{table.Name}\" violates not-null constraint",
            Column = column,
        };
    }

    // NULL for a column that is an alias of SQLite's rowid is found by a function of ours.
    private static PgError RowId(PgError error, Relation target)
    {
        var column = target.Attributes.FirstOrDefault(attribute => !attribute.Dropped
            && error.Message == $"null value in column \"{attribute.Name}\" of relation \"{target.Name}\" violates not-null constraint");
        return column is null ? error : At(error, target) with { Column = column.Name };
    }

    // A CHECK of another table can be violated by a trigger or a cascade.
    private static PgError Check(PgError error, string name, SchemaSnapshot schema, Relation target)
    {
        var table = Has(target) ? target : schema.Relations.Where(Has).Take(2).ToArray() is [var only] ? only : null;
        return table is null ? error : At(error, table) with
        {
            Message = $"new row for relation \"{table.Name}\" violates check constraint \"{name}\"",
        };

        bool Has(Relation relation) => relation.Constraints.Any(constraint => constraint.Type == ConstraintType.Check && constraint.Name == name);
    }

    // The check of a deferred key has its name in its message.
    private static PgError Named(PgError error, SchemaSnapshot schema)
    {
        const string Violates = "\" violates foreign key constraint \"";
        var at = error.Message.IndexOf(Violates, StringComparison.Ordinal);
        if (at < 0)
        {
            return error;
        }

        var name = error.Message[(at + Violates.Length)..^1];
        var holder = schema.Relations.FirstOrDefault(table => error.Message[..at].EndsWith($"\"{table.Name}", StringComparison.Ordinal)
            && table.Constraints.Any(constraint => constraint.Name == name));
        return holder is null ? error : At(error, holder) with { Constraint = name };
    }

    // Which of several keys is violated SQLite does not tell.
    private static PgError ForeignKey(PgError error, SchemaSnapshot schema, Relation target, string tag, IReadOnlyList<short> changed)
    {
        var own = tag == "DELETE" ? [] : target.Constraints
            .Where(key => key.Type == ConstraintType.ForeignKey && (tag == "INSERT" || key.Columns.Any(changed.Contains))).ToArray();
        var others = tag == "INSERT" ? [] : schema.Relations
            .SelectMany(static table => table.Constraints, static (table, constraint) => (Table: table, Key: constraint))
            .Where(pair => pair.Key.Type == ConstraintType.ForeignKey && pair.Key.ReferencedOid == target.Oid
                && (tag == "DELETE" || pair.Key.ReferencedColumns.Any(changed.Contains))).ToArray();
        return (own, others) switch
        {
            ([var key], []) => At(error, target) with
            {
                Message = $"insert or update on table \"{target.Name}\" violates foreign key constraint \"{key.Name}\"", Constraint = key.Name,
            },
            // A key with another action passes the violation on to tables behind it.
            ([], [var (table, key)]) when (tag == "DELETE" ? key.OnDelete : key.OnUpdate) is not ('c' or 'n') => At(error, table) with
            {
                Message = $"update or delete on table \"{target.Name}\" violates foreign key constraint \"{key.Name}\" on table \"{table.Name}\"",
                Constraint = key.Name,
            },
            _ => At(error, target) with
            {
                Message = own.Length == 0 ? $"update or delete on table \"{target.Name}\" violates foreign key constraint"
                    : $"insert or update on table \"{target.Name}\" violates foreign key constraint",
            },
        };
    }

    private static PgError At(PgError error, Relation table) => error with { Schema = table.Schema, Table = table.Name };

    // Names of tables and columns may hold points; SQLite's names of tables are unique whatever the case.
    private static Relation? TableOf(string column, SchemaSnapshot schema) => schema.Relations
        .Where(table => column.Length > table.SqliteName.Length && column[table.SqliteName.Length] == '.'
            && column.StartsWith(table.SqliteName, StringComparison.Ordinal))
        .MaxBy(static table => table.SqliteName.Length);

    private static short NumberOf(string column, Relation table) => column.StartsWith(table.SqliteName + ".", StringComparison.Ordinal)
        ? table.Attributes.FirstOrDefault(attribute => !attribute.Dropped && attribute.Name == column[(table.SqliteName.Length + 1)..])?.Number ?? 0
        : (short)0;
}
