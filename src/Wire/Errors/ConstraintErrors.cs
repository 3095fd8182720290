using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Errors;

/// <summary>SQLite's constraint violations with PostgreSQL's messages, and the names that PostgreSQL would have given to the constraints.</summary>
internal static class ConstraintErrors
{
    private const string Schema = "public";

    public static PgError From(StatementError error) => error.ResultCode switch
    {
        SqliteCode.ConstraintUnique => Unique(error.Message, "key"),
        SqliteCode.ConstraintPrimaryKey or SqliteCode.ConstraintRowId => Unique(error.Message, "pkey"),
        SqliteCode.ConstraintNotNull => NotNull(error.Message),
        SqliteCode.ConstraintCheck => Check(error.Message),
        SqliteCode.ConstraintForeignKey => ForeignKey(),

        // What ON DELETE RESTRICT and ON UPDATE RESTRICT do is a trigger to SQLite.
        SqliteCode.ConstraintTrigger when error.Message == "FOREIGN KEY constraint failed" => ForeignKey(),
        SqliteCode.ConstraintTrigger => PgError.Error(SqlState.RaiseException, error.Message),
        SqliteCode.ConstraintDataType => PgError.Error(SqlState.DatatypeMismatch, error.Message),
        _ => PgError.Error(SqlState.IntegrityConstraintViolation, error.Message),
    };

    private static PgError ForeignKey() =>
        PgError.Error(SqlState.ForeignKeyViolation, "insert or update on table violates foreign key constraint");

    // "UNIQUE constraint failed: t.a, t.b" or "UNIQUE constraint failed: index 'name'".
    private static PgError Unique(string message, string suffix)
    {
        var what = Behind(message, "UNIQUE constraint failed: ");
        string? table = null;
        string constraint;
        if (what.StartsWith("index '", StringComparison.Ordinal))
        {
            constraint = what["index '".Length..].TrimEnd('\'');
        }
        else
        {
            var columns = what.Split(", ").Select(SplitColumn).ToArray();
            table = columns[0].Table;
            constraint = suffix == "pkey"
                ? $"{table}_pkey"
                : $"{table}_{string.Join('_', columns.Select(c => c.Column))}_{suffix}";
        }

        return PgError.Error(SqlState.UniqueViolation, $"duplicate key value violates unique constraint \"{constraint}\"") with
        {
            Schema = Schema,
            Table = table,
            Constraint = constraint,
        };
    }

    private static PgError NotNull(string message)
    {
        var (table, column) = SplitColumn(Behind(message, "NOT NULL constraint failed: "));
        return PgError.Error(
            SqlState.NotNullViolation, $"null value in column \"{column}\" of relation \"{table}\" violates not-null constraint") with
        {
            Schema = Schema,
            Table = table,
            Column = column,
        };
    }

    private static PgError Check(string message)
    {
        var constraint = Behind(message, "CHECK constraint failed: ");
        return PgError.Error(SqlState.CheckViolation, $"new row violates check constraint \"{constraint}\"") with
        {
            Schema = Schema,
            Constraint = constraint,
        };
    }

    private static (string Table, string Column) SplitColumn(string qualified)
    {
        var dot = qualified.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? ("", qualified) : (qualified[..dot], qualified[(dot + 1)..]);
    }

    private static string Behind(string message, string prefix) =>
        message.StartsWith(prefix, StringComparison.Ordinal) ? message[prefix.Length..] : message;
}
