using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Definitions;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>
/// Checks deferred foreign keys before COMMIT does: for SET CONSTRAINTS … IMMEDIATE, behind each statement of a block that has asked for it, and at
/// COMMIT itself for the sake of an error that names the key. SQLite counts the violations and does not tell which they are.
/// </summary>
internal sealed class ConstraintChecks(SessionState session, SessionPlanning planning)
{
    private static readonly byte[] s_count = Encoding.UTF8.GetBytes($"SELECT {DeferredKeys.Count}");

    // The keys of a schema, and the statements that check those that are immediate. An idle session does not keep the schema alive.
    private (WeakReference<ISchema> Schema, IReadOnlyList<TableKey> Keys)? _keys;
    private (WeakReference<ISchema> Schema, ImmediateConstraints Immediate, Statement[] Statements)? _known;

    /// <summary>SET CONSTRAINTS.</summary>
    /// <exception cref="DialectException">A name means no constraint, or one that cannot be deferred.</exception>
    public async ValueTask SetAsync(SetConstraints command)
    {
        if (!session.Settings.Translates)
        {
            return;
        }

        if (!session.Block.Open && !session.SharesTransaction)
        {
            session.Notice(PgError.Warning(SqlState.NoActiveSqlTransaction, "SET CONSTRAINTS can only be used in transaction blocks"));
        }

        var context = await planning.TranslationAsync().ConfigureAwait(false);
        var keys = command.Names is null
            ? KeysOf(context.Schema)
            : [.. command.Names.SelectMany(name => DeferredKeys.Named(context.Schema, context.SearchPath, name, command.Deferred))];
        if (command.Deferred && keys.FirstOrDefault(static pair => !pair.Key.InitiallyDeferred) is { } other)
        {
            throw new PgException(SqlState.FeatureNotSupported, $"deferring constraint \"{other.Key.Name}\", which is INITIALLY IMMEDIATE, is not supported");
        }

        if (!session.Block.Open)
        {
            // Statements of one query string or pipeline are checked together at its end.
            return;
        }

        if (!command.Deferred)
        {
            await CheckAsync(context.Schema, keys).ConfigureAwait(false);
        }

        session.Block.Immediate = command.Names is not null
            ? session.Block.Immediate.With(keys.Select(static pair => pair.Key.Oid), !command.Deferred)
            : command.Deferred ? ImmediateConstraints.None : ImmediateConstraints.Every;
    }

    /// <summary>Raises PostgreSQL's error if the block cannot be committed.</summary>
    public async ValueTask CheckAsync()
    {
        if (session.Settings.Translates)
        {
            var schema = (await planning.TranslationAsync().ConfigureAwait(false)).Schema;
            await CheckAsync(schema, KeysOf(schema)).ConfigureAwait(false);
        }
    }

    /// <summary>A statement that changes rows, with the checks that the block has asked for: it fails if they do.</summary>
    public async ValueTask<Statement> GuardAsync(Statement statement)
    {
        if (session.Block.Immediate is { IsNone: true })
        {
            return statement;
        }

        var schema = (await planning.TranslationAsync().ConfigureAwait(false)).Schema;
        if (_known is not { } known || !Is(known.Schema, schema) || known.Immediate != session.Block.Immediate)
        {
            var immediate = session.Block.Immediate;
            _known = known = (new(schema), immediate,
            [
                .. KeysOf(schema).Where(pair => immediate.Has(pair.Key.Oid))
                    .Select(pair => Statement.Ours(Encoding.UTF8.GetBytes(DeferredKeys.Requirement(schema, pair, session.Settings.User)))),
            ]);
        }

        if (known.Statements.Length == 0)
        {
            return statement;
        }

        // The values in the error's DETAIL are written by the session's settings.
        var settings = statement.Settings ?? session.SettingsFor(null);
        return statement.Steps.Count > 0 ? statement with { Steps = [.. statement.Steps, .. known.Statements], Settings = settings }
            : Statement.Group([statement with { Settings = null }, .. known.Statements], 0) with { Settings = settings };
    }

    private static bool Is(WeakReference<ISchema> known, ISchema schema) => known.TryGetTarget(out var same) && ReferenceEquals(same, schema);

    private IReadOnlyList<TableKey> KeysOf(ISchema schema)
    {
        if (_keys is not { } known || !Is(known.Schema, schema))
        {
            _keys = known = (new(schema), DeferredKeys.Of(schema));
        }

        return known.Keys;
    }

    private async ValueTask CheckAsync(ISchema schema, IReadOnlyList<TableKey> keys)
    {
        if (keys.Count == 0 || session.Block.Writing is not { } writing || await AskAsync(writing, s_count).ConfigureAwait(false) is null or "0")
        {
            return;
        }

        foreach (var key in keys)
        {
            if (await AskAsync(writing, Encoding.UTF8.GetBytes(DeferredKeys.Violation(schema, key, session.Settings.User))).ConfigureAwait(false) is { } detail)
            {
                throw new PgException(PgError.Error(SqlState.ForeignKeyViolation, key.Message) with
                {
                    Detail = detail, Schema = key.Table.Schema, Table = key.Table.Name, Constraint = key.Key.Name,
                });
            }
        }
    }

    private async ValueTask<string?> AskAsync(Cluster.ITransaction writing, byte[] sql)
    {
        var token = session.Cancellation.Token;
        var cursor = await session.Output.AwaitAsync(writing.PeekAsync(Statement.Ours(sql) with { Settings = session.SettingsFor(null) }, token)).ConfigureAwait(false);
        await using (cursor.ConfigureAwait(false))
        {
            string? answer = null;
            while (await cursor.WaitToReadAsync(token).ConfigureAwait(false))
            {
                while (cursor.TryRead())
                {
                    var value = cursor[0];
                    answer = value.Class == StorageClass.Integer ? value.Integer.ToString(System.Globalization.CultureInfo.InvariantCulture)
                        : value.Class == StorageClass.Null ? null : Encoding.UTF8.GetString(value.Bytes);
                }
            }

            return answer;
        }
    }
}
