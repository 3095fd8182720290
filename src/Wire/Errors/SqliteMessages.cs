using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Errors;

/// <summary>
/// SQLite's messages of its general error code as PostgreSQL's errors. SQLite distinguishes these errors by their text alone, so the text
/// decides; a message that is not in the table is passed on unchanged.
/// </summary>
internal static class SqliteMessages
{
    private delegate PgError Shape(string argument, string tag);

    /// <summary>Message prefix and suffix around one argument, and the error it becomes.</summary>
    private static readonly (string Prefix, string Suffix, Shape Shape)[] s_messages =
    [
        ("near \"", "\": syntax error", (token, _) => Syntax($"syntax error at or near \"{token}\"")),
        ("unrecognized token: \"", "\"", (token, _) => Syntax($"syntax error at or near \"{token}\"")),
        ("incomplete input", "", (_, _) => Syntax("syntax error at end of input")),
        ("no such table: ", "", NoTable),
        ("no such view: ", "", (name, _) => PgError.Error(SqlState.UndefinedTable, $"view \"{Bare(name)}\" does not exist")),
        ("no such index: ", "", (name, _) => PgError.Error(SqlState.UndefinedObject, $"index \"{Bare(name)}\" does not exist")),
        ("no such trigger: ", "", (name, _) => PgError.Error(SqlState.UndefinedObject, $"trigger \"{Bare(name)}\" does not exist")),
        ("no such column: ", "", (name, _) => PgError.Error(SqlState.UndefinedColumn, $"column {Quoted(name)} does not exist")),
        ("no such function: ", "", (name, _) => NoFunction(name)),
        ("wrong number of arguments to function ", "()", (name, _) => NoFunction(name)),
        ("no such collation sequence: ", "", (name, _) =>
            PgError.Error(SqlState.UndefinedObject, $"collation \"{name}\" for encoding \"UTF8\" does not exist")),
        ("no such savepoint: ", "", (name, _) =>
            PgError.Error(SqlState.InvalidSavepointSpecification, $"savepoint \"{name}\" does not exist")),
        ("ambiguous column name: ", "", (name, _) =>
            PgError.Error(SqlState.AmbiguousColumn, $"column reference {Quoted(name)} is ambiguous")),
        ("duplicate column name: ", "", (name, _) =>
            PgError.Error(SqlState.DuplicateColumn, $"column \"{name}\" specified more than once")),
        ("table ", " already exists", (name, _) => Exists(name)),
        ("view ", " already exists", (name, _) => Exists(name)),
        ("index ", " already exists", (name, _) => Exists(name)),
        ("there is already a table named ", "", (name, _) => Exists(name)),
        ("there is already an index named ", "", (name, _) => Exists(name)),
        ("misuse of aggregate: ", "()", (name, _) =>
            PgError.Error(SqlState.GroupingError, $"aggregate functions are not allowed here: {name}")),
        ("misuse of aggregate function ", "()", (name, _) =>
            PgError.Error(SqlState.GroupingError, $"aggregate functions are not allowed here: {name}")),
        ("cannot modify ", " because it is a view", (name, tag) => PgError.Error(
            SqlState.ObjectNotInPrerequisiteState,
            tag switch
            {
                "INSERT" => $"cannot insert into view \"{name}\"",
                "DELETE" => $"cannot delete from view \"{name}\"",
                _ => $"cannot update view \"{name}\"",
            })),
        ("integer overflow", "", (_, _) => PgError.Error(SqlState.NumericValueOutOfRange, "bigint out of range")),
        ("malformed JSON", "", (_, _) => PgError.Error(SqlState.InvalidTextRepresentation, "invalid input syntax for type json")),
        ("sub-select returns ", " columns - expected 1", (_, _) => Syntax("subquery must return only one column")),
        ("too many SQL variables", "", (_, _) => PgError.Error(SqlState.ProgramLimitExceeded, "too many parameters")),
        ("too many columns", "", (_, _) => PgError.Error(SqlState.ProgramLimitExceeded, "too many columns")),
        ("recovery is in progress", "", (_, _) => PgError.Error(SqlState.ObjectNotInPrerequisiteState, "recovery is in progress") with
        {
            Hint = "WAL control functions cannot be executed during recovery.",
        }),
        ("", " differs from node to node and cannot be used in a statement that goes through the log", (name, _) => PgError.Error(
            SqlState.FeatureNotSupported, $"{name} differs from node to node and cannot be used in a statement that goes through the log")),
        ("invalid input syntax for type pg_lsn: ", "", (value, _) =>
            PgError.Error(SqlState.InvalidTextRepresentation, $"invalid input syntax for type pg_lsn: {value}")),
        ("parser stack overflow", "", (_, _) => PgError.Error("54001", "stack depth limit exceeded")),
        ("Recursion limit", "", (_, _) => PgError.Error("54001", "stack depth limit exceeded")),
        ("too many terms in compound SELECT", "", (_, _) => PgError.Error(SqlState.ProgramLimitExceeded, "too many terms in a compound SELECT")),
        ("too many FROM clause terms", "", (_, _) => PgError.Error(SqlState.ProgramLimitExceeded, "too many tables in a FROM clause")),
        ("at most ", " tables in a join", (number, _) => PgError.Error(SqlState.ProgramLimitExceeded, $"at most {number} tables can be joined")),
        ("Expression tree is too large", "", (_, _) => PgError.Error("54001", "stack depth limit exceeded")),
    ];

    public static PgError From(string message, string tag)
    {
        foreach (var (prefix, suffix, shape) in s_messages)
        {
            if (message.Length >= prefix.Length + suffix.Length
                && message.StartsWith(prefix, StringComparison.Ordinal)
                && message.EndsWith(suffix, StringComparison.Ordinal))
            {
                return shape(message[prefix.Length..^suffix.Length], tag);
            }
        }

        return FromTwoArguments(message) ?? PgError.Error(SqlState.SyntaxError, message);
    }

    private static PgError? FromTwoArguments(string message)
    {
        const string NoColumn = " has no column named ";
        const string TableWord = "table ";
        var at = message.IndexOf(NoColumn, StringComparison.Ordinal);
        if (at > TableWord.Length && message.StartsWith(TableWord, StringComparison.Ordinal))
        {
            var (table, column) = (message[TableWord.Length..at], message[(at + NoColumn.Length)..]);
            return PgError.Error(SqlState.UndefinedColumn, $"column \"{column}\" of relation \"{table}\" does not exist");
        }

        // "table t has 2 columns but 3 values were supplied" and "3 values for 2 columns".
        var numbers = message.Split(' ').Select(w => int.TryParse(w, out var n) ? n : -1).Where(n => n >= 0).ToArray();
        if (numbers.Length == 2 && message.EndsWith(" values were supplied", StringComparison.Ordinal))
        {
            return Arity(columns: numbers[0], values: numbers[1]);
        }

        return numbers.Length == 2 && message.EndsWith(" columns", StringComparison.Ordinal)
            && message.Contains(" values for ", StringComparison.Ordinal)
            ? Arity(columns: numbers[1], values: numbers[0])
            : null;
    }

    private static PgError Arity(int columns, int values) => Syntax(
        values > columns ? "INSERT has more expressions than target columns" : "INSERT has more target columns than expressions");

    private static PgError NoTable(string name, string tag) => PgError.Error(
        SqlState.UndefinedTable,
        tag == "DROP TABLE" ? $"table \"{Bare(name)}\" does not exist" : $"relation \"{Bare(name)}\" does not exist");

    private static PgError NoFunction(string name) => PgError.Error(SqlState.UndefinedFunction, $"function {name} does not exist") with
    {
        Hint = "No function matches the given name and argument types. You might need to add explicit type casts.",
    };

    private static PgError Exists(string name)
    {
        var bare = Bare(name.Trim('"'));
        return PgError.Error(SqlState.DuplicateTable, $"relation \"{bare}\" already exists");
    }

    private static PgError Syntax(string message) => PgError.Error(SqlState.SyntaxError, message);

    private static string Bare(string name) => name.StartsWith("main.", StringComparison.Ordinal) ? name["main.".Length..] : name;

    // PostgreSQL quotes a bare column name, but not a qualified one.
    private static string Quoted(string name) => name.Contains('.', StringComparison.Ordinal) ? name : $"\"{name.Trim('"')}\"";
}
