using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>Commands that change the schema in ways that SQLite has no statement for.</summary>
public static class SchemaCommand
{
    private static readonly byte[] s_rewrite = "DELETE FROM _rqlite_call WHERE _rqlite_rewrite_definition(?1, ?2, ?3)"u8.ToArray();

    internal static IReadOnlyList<EffectFunction> Functions { get; } =
    [
        new("_rqlite_rewrite_definition", 3, StatementEffects.None, InSchema: false, Rewrite),
        new("_rqlite_exchange_tables", 4, StatementEffects.None, InSchema: false, Exchange),
        new(
            "_rqlite_open_foreign_keys", 0, StatementEffects.None, InSchema: false,
            static (run, call) => call.Return(run.Connection.DeferredForeignKeyViolations())),
    ];

    /// <summary>
    /// Replaces the text of an object's definition, which must fit what the object holds. It is an error of the statement if there is no such
    /// object or SQLite cannot read the text.
    /// </summary>
    /// <param name="type">The type in <c>sqlite_schema</c>: table, index, view or trigger.</param>
    public static Statement RewriteDefinition(string type, string name, string sql) => Statement.Ours(s_rewrite, output =>
    {
        foreach (var text in (string[])[type, name, sql])
        {
            ParameterEncoding.WriteText(output, Encoding.UTF8.GetBytes(text));
        }
    });

    /// <summary>Gives two tables each other's content, and both new definitions: name, name, definition, definition.</summary>
    private static void Exchange(EffectRun run, FunctionCall call)
    {
        var (first, second, firstSql, secondSql) = (call.Text(0), call.Text(1), call.Text(2), call.Text(3));
        foreach (var text in (string[])[first, second, firstSql, secondSql])
        {
            run.AddToDigest(text);
        }

        run.Afterwards(() => run.WithoutDigest(() => run.Connection.ExchangeTables(first, second, firstSql, secondSql)));
    }

    private static void Rewrite(EffectRun run, FunctionCall call)
    {
        var (type, name, sql) = (call.Text(0), call.Text(1), call.Text(2));
        foreach (var text in (string[])[type, name, sql])
        {
            run.AddToDigest(text);
        }

        // The row in SQLite's own table has the root page too, which differs from node to node.
        run.Afterwards(() => run.WithoutDigest(() => run.Connection.RewriteDefinition(type, name, sql)));
    }
}
