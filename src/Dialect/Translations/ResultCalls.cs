namespace Rqlite.Pg.Dialect;

/// <summary>
/// The calls in a select list that the session carries out, row by row as PostgreSQL evaluates them: after ORDER BY and LIMIT, from left to right.
/// SQLite returns their arguments in their place.
/// </summary>
/// <param name="Calls">In the order in which they are carried out.</param>
/// <param name="Columns">For each column of the result the column that SQLite returns, or the complement of the index of its call.</param>
public sealed record ResultCalls(IReadOnlyList<ResultCall> Calls, IReadOnlyList<int> Columns)
{
    /// <summary>The functions that sessions carry out, as regprocedure prints them.</summary>
    public static IReadOnlyList<string> Signatures { get; } =
    [
        "set_config(text,text,boolean)", "pg_sleep(double precision)", "pg_sleep_for(interval)", "pg_sleep_until(timestamp with time zone)",
        "pg_cancel_backend(integer)", "pg_terminate_backend(integer,bigint)", "pg_rotate_logfile()",
    ];
}

/// <param name="Function">The name of the function in pg_catalog.</param>
/// <param name="Strict">The answer is null, and nothing happens, if an argument is null.</param>
/// <param name="First">The column that SQLite returns for its first argument; those for the others follow.</param>
/// <param name="Count">The number of its arguments.</param>
public readonly record struct ResultCall(string Function, bool Strict, int First, int Count);
