using System.Buffers;
using System.Text;
using Rqlite.Pg.Access;
using Rqlite.Pg.Dialect.Definitions;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>
/// Completes the error of a violated constraint by the values of the row, which SQLite does not tell: they are looked for by a query made from the failed
/// statement (<see cref="ViolationQuery"/>). Whatever goes wrong with that, the client gets the error as it was.
/// </summary>
internal sealed class ViolationDetails(SessionState session, SessionPlanning planning)
{
    private const int DetailBytesMax = 64 * 1024;

    private static readonly TimeSpan s_limitMax = TimeSpan.FromSeconds(1);

    /// <summary>The longest that the search may take: no longer than the statement's own limit.</summary>
    public static TimeSpan LimitOf(StatementClock clock)
    {
        try
        {
            return clock.Left is { } left && left < s_limitMax ? left : s_limitMax;
        }
        catch (PgException)
        {
            return TimeSpan.Zero;
        }
    }

    /// <param name="failed">The statement whose error it is.</param>
    public async ValueTask<PgError> CompleteAsync(PgError error, StatementRun failed, TimeSpan limit)
    {
        if (error is not { Detail: null, DataType: null } || limit <= TimeSpan.Zero || failed.Bound.Plan.Tree is not { } tree
            || error.SqlState is not (SqlState.UniqueViolation or SqlState.ForeignKeyViolation or SqlState.NotNullViolation or SqlState.CheckViolation)
            || (session.Block.Open && session.Block.Writing is null) || !session.Access.Has(Permissions.Query))
        {
            return error;
        }

        using var limited = session.Cancellation.Within(limit);
        try
        {
            return await SearchAsync(error, failed, tree, limit, limited.Token).ConfigureAwait(false) ?? error;
        }
        catch (Exception exception) when (exception is not ClientGoneException and not PgException { Error.Severity: Severity.Fatal })
        {
            return error;
        }
    }

    private async ValueTask<PgError?> SearchAsync(PgError error, StatementRun failed, Dialect.Syntax.Statement tree, TimeSpan limit, CancellationToken token)
    {
        var writing = session.Block.Writing is not null;
        if (!writing)
        {
            // A follower may be behind what the statement has met.
            await session.Database.WaitForIndexAsync(session.Horizon.LastWritten, token).ConfigureAwait(false);
        }

        var plan = failed.Bound.Plan;
        var violation = new Violation(error.SqlState, error.Schema, error.Table, error.Constraint, error.Column)
        {
            IsApart = failed.IsApart && !writing, InBlock = session.Block.Open && !session.Block.Implicit,
        };
        var context = await planning.TranslationAsync().ConfigureAwait(false);
        var values = new BoundValues(plan, failed.Bound.Statement);
        (long Place, PgError Error)? first = null;
        foreach (var query in ViolationQuery.Of(tree, violation, context, plan.ParameterTypes))
        {
            if (await ReadAsync(query, values, plan, limit, token).ConfigureAwait(false) is not { } row)
            {
                continue;
            }

            if (first is not null && violation.IsApart)
            {
                // The rows that the keys refer to cannot be read, so either may be the one.
                return null;
            }

            if (first is null || row.Place < first.Value.Place)
            {
                first = (row.Place, Named(error, query) with { Detail = query.Detail(row.Values) });
            }
        }

        return first?.Error;
    }

    private static PgError Named(PgError error, ViolationQuery query) => query.Key is not { } key ? error : error with
    {
        Message = query.Message!, Schema = key.Table.Schema, Table = key.Table.Name, Constraint = key.Key.Name,
    };

    private async ValueTask<(long Place, string?[] Values)?> ReadAsync(
        ViolationQuery query, BoundValues values, PlannedStatement failed, TimeSpan limit, CancellationToken token)
    {
        var part = session.Context.Planner.Parse(query.Text, planning)[0];
        var plan = await session.Context.Planner.PlanAsync(part, failed.ParameterTypes, planning).ConfigureAwait(false);
        if (!plan.IsReadOnly || plan.Calls is not null || plan.CountsByRow || plan.Columns is null || plan.Steps is not [{ Internal: false, Values: { } order } step]
            || values.Arrange(order, session.Block.Moment) is not { } parameters)
        {
            return null;
        }

        var statement = new Statement(step.Sql, parameters) { Settings = session.SettingsFor(plan.SearchPath) };
        var read = session.Reads() with { SchemaVersion = plan.SchemaVersion, Timeout = limit, StatementTimeout = limit };
        var cursor = await session.Output.AwaitAsync(session.Block.Writing is { } writing
            ? writing.PeekAsync(statement, token)
            : session.Database.ReadAsync(statement, SessionState.Options, read, token)).ConfigureAwait(false);
        await using (cursor.ConfigureAwait(false))
        {
            (long, string?[])? row = null;
            while (await session.Output.AwaitAsync(cursor.WaitToReadAsync(token)).ConfigureAwait(false))
            {
                while (cursor.TryRead())
                {
                    row = (cursor[0].Integer, Shown(cursor, plan.Columns));
                }
            }

            return cursor.Outcome.Error is null ? row : null;
        }
    }

    private string?[] Shown(RowCursor row, PlannedColumn[] columns)
    {
        var values = new string?[columns.Length - 1];
        var output = new ArrayBufferWriter<byte>();
        for (var i = 0; i < values.Length; i++)
        {
            if (row[i + 1].Class == StorageClass.Null)
            {
                continue;
            }

            const int LengthBytes = 4;
            var column = columns[i + 1];
            output.ResetWrittenCount();
            TextFormat.Write(output, row[i + 1], column.Written ?? column.Type!.Value, session.Settings.Format, column.Names);
            values[i] = output.WrittenCount <= DetailBytesMax ? Encoding.UTF8.GetString(output.WrittenSpan[LengthBytes..])
                : throw new PgException(SqlState.ProgramLimitExceeded, "a value is too long for an error");
        }

        return values;
    }
}
