using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire.Query;

/// <summary>Parse, Bind, Describe, Execute and Close (manual, 55.2.3). The session handles Sync, Flush and the skip after an error.</summary>
internal sealed class ExtendedQuery(PgSession session)
{
    public ValueTask DispatchAsync(FrontendCode code, ReadOnlyMemory<byte> body) => code switch
    {
        FrontendCode.Parse => ParseAsync(body),
        FrontendCode.Bind => BindAsync(body),
        FrontendCode.Describe => DescribeAsync(body),
        FrontendCode.Execute => ExecuteAsync(body),
        FrontendCode.Close => CloseAsync(body),
        _ => throw new InvalidOperationException($"Message {code} is not of the extended protocol."),
    };

    private async ValueTask ParseAsync(ReadOnlyMemory<byte> body)
    {
        var (name, text, declared) = ReadParse(body.Span);
        if (name.Length == 0)
        {
            session.Names.RemoveStatement("");
        }

        var statements = SqlParser.Parse(text);
        if (statements.Count > 1)
        {
            throw new PgException(SqlState.SyntaxError, "cannot insert multiple commands into a prepared statement");
        }

        var parsed = statements.Count == 0 ? null : statements[0];
        if (parsed is not null)
        {
            session.Block.RequireAlive(parsed);
        }

        var prepared = parsed is { Kind: StatementKind.Run }
            ? await session.Statements.PrepareAsync(name, parsed, declared, laterMayKnow: !session.Pipeline.IsEmpty).ConfigureAwait(false)
            : PreparedStatement.Create(name, parsed, null, declared);
        session.Names.RequireFree(name, session.Context.Options.PreparedStatementsMax);
        session.Names.Add(prepared);
        BackendMessage.WriteParseComplete(session.Output.Frames);
    }

    private static (string Name, string Text, uint[] Declared) ReadParse(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var name = reader.ReadText();
        var text = reader.ReadText();
        var count = reader.ReadUInt16();
        if (reader.Left < 4 * count)
        {
            throw PgException.Protocol("insufficient data left in message");
        }

        var declared = count == 0 ? [] : new uint[count];
        for (var i = 0; i < count; i++)
        {
            declared[i] = reader.ReadUInt32();
        }

        reader.End();
        return (name, text, declared);
    }

    private async ValueTask BindAsync(ReadOnlyMemory<byte> body)
    {
        await session.Names.AddAsync(BindMessage.Read(body.Span, session)).ConfigureAwait(false);
        BackendMessage.WriteBindComplete(session.Output.Frames);
    }

    private ValueTask DescribeAsync(ReadOnlyMemory<byte> body)
    {
        var (kind, name) = ReadTarget(body.Span);
        switch (kind)
        {
            case (byte)'S':
                return DescribeStatementAsync(session.Names.Statement(name));
            case (byte)'P':
                return DescribePortalAsync(session.Names.Portal(name));
            default:
                throw PgException.Protocol($"invalid DESCRIBE message subtype {kind}");
        }
    }

    private async ValueTask DescribeStatementAsync(PreparedStatement prepared)
    {
        if (prepared.Parsed is { } parsed && ReturnsRows(prepared))
        {
            session.Block.RequireAlive(parsed);
        }

        BackendMessage.WriteParameterDescription(session.Output.Frames, prepared.ParameterTypes);
        if (prepared.IsRun && prepared.Round != session.Round && session.Block.Status != TransactionStatus.Failed)
        {
            await session.Statements.RequireShapeAsync(prepared).ConfigureAwait(false);
        }

        prepared.RowsAnnounced = true;
        if (prepared.Parsed?.Command is ExecuteStatement execute)
        {
            prepared = session.Names.Statement(execute.Name);
            prepared.RowsAnnounced = true;
        }

        if (prepared.Parsed is { Copy: not null })
        {
            BackendMessage.WriteNoData(session.Output.Frames);
        }
        else if (prepared.IsRun)
        {
            Announce(prepared.Shape?.Rows ?? RowSchema.Empty, ResultColumns.Settle(prepared.ColumnTypes, null, []));
        }
        else
        {
            session.Commands.Describe(prepared.Parsed, []);
        }
    }

    private async ValueTask DescribePortalAsync(Portal portal)
    {
        var prepared = portal.Prepared;
        if (prepared.Parsed is { } parsed && ReturnsRows(prepared))
        {
            session.Block.RequireAlive(parsed);
        }

        if (!prepared.IsRun)
        {
            session.Commands.Describe(prepared.Parsed, portal.Formats);
            return;
        }

        if (prepared.Parsed is { Copy: not null })
        {
            BackendMessage.WriteNoData(session.Output.Frames);
            return;
        }

        if (prepared.Shape is not { } shape)
        {
            session.Pipeline.AddDescribe(portal);
            return;
        }

        var mustLook = portal.Columns is null && prepared.ReadOnly && !prepared.RowsAnnounced && prepared.ColumnTypes!.Contains(null);
        if (mustLook && portal.Cursor is null && session.Pipeline.IsEmpty)
        {
            // Only a value can tell the type of the column: the portal begins to run now, and keeps its first row.
            await OpenAsync(portal).ConfigureAwait(false);
        }

        portal.Columns ??= ResultColumns.Settle(prepared.ColumnTypes, portal.RowAtHand ? portal.Cursor : null, portal.Formats);
        Announce(shape.Rows, portal.Columns);
    }

    private void Announce(RowSchema schema, ColumnFormat[] columns)
    {
        if (columns.Length == 0)
        {
            BackendMessage.WriteNoData(session.Output.Frames);
        }
        else
        {
            RowDescription.Write(session.Output.Frames, schema, columns);
        }
    }

    private async ValueTask ExecuteAsync(ReadOnlyMemory<byte> body)
    {
        var (name, max) = ReadExecute(body.Span);
        var portal = session.Names.Portal(name);
        var prepared = portal.Prepared;
        if (prepared.Parsed is not { } parsed)
        {
            BackendMessage.WriteEmptyQueryResponse(session.Output.Frames);
            return;
        }

        session.Block.RequireAlive(parsed);
        session.Clock.Require();
        if (portal is { State: PortalState.Gathered, Limited: true, Prepared.ReturnsRows: true })
        {
            await session.Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
        }

        if (portal.State is PortalState.Done or PortalState.Gathered)
        {
            ExecuteAgain(portal);
        }
        else if (portal.Rows is not null)
        {
            ExecuteFromFrames(portal, max);
        }
        else if (!prepared.IsRun)
        {
            await ExecuteCommandAsync(portal, parsed, max).ConfigureAwait(false);
        }
        else
        {
            await ExecuteRunAsync(portal, max).ConfigureAwait(false);
        }

        if (portal.State != PortalState.Suspended)
        {
            session.Clock.Stop();
        }
    }

    private async ValueTask ExecuteRunAsync(Portal portal, long max)
    {
        var prepared = portal.Prepared;
        if (session.Block.Open)
        {
            if (prepared.Writes)
            {
                WriterAccess.RequireKnown(prepared);
                await session.Writer.TakeAsync(prepared).ConfigureAwait(false);
            }
        }
        else if (prepared.Writes)
        {
            session.Writer.RequireWritable(prepared);
            if (session.Statements.TryDraw(prepared) is not { } drawn)
            {
                session.Pipeline.Add(portal, max);
                return;
            }

            portal.Cursor = drawn;
            portal.RowAtHand = drawn.TryRead();
        }
        else if (!session.Pipeline.IsEmpty && session.Locks.Serves(prepared))
        {
            if (prepared.TakesLocks)
            {
                throw new PgException(
                    SqlState.FeatureNotSupported, "advisory locks cannot be taken behind writes of the same pipeline", "Send Sync first.");
            }

            await session.Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
        }
        else if (!session.Pipeline.IsEmpty)
        {
            if (portal.Cursor is null)
            {
                // The statement must see the earlier writes, which have not run yet.
                session.Pipeline.Add(portal, max);
                return;
            }

            await session.Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
        }

        await ExecuteReadAsync(portal, max).ConfigureAwait(false);
    }

    private async ValueTask ExecuteReadAsync(Portal portal, long max)
    {
        if (portal.Prepared.Parsed is { Copy: not null })
        {
            // Row limits do not hold for it, as in PostgreSQL.
            portal.Cursor = await session.Statements.ExecuteAsync(portal.Prepared, portal.Bound).ConfigureAwait(false);
            await session.Sender.SendResultAsync(portal.Prepared, portal.Cursor).ConfigureAwait(false);
            portal.State = PortalState.Done;
            await portal.DisposeAsync().ConfigureAwait(false);
            return;
        }

        if (portal.Cursor is null)
        {
            await OpenAsync(portal).ConfigureAwait(false);
        }

        var cursor = portal.Cursor!;
        var first = portal.State == PortalState.Ready;
        portal.Columns ??= ResultColumns.Settle(portal.Prepared.ColumnTypes, null, portal.Formats);
        var (rows, ended) = first && !portal.RowAtHand
            ? (0, true)
            : await session.Sender.SendRowsAsync(cursor, portal.RowAtHand, portal.Columns, max).ConfigureAwait(false);
        portal.RowAtHand = false;
        if (ended)
        {
            session.Sender.Complete(portal.Prepared, cursor.Outcome, rows, portal.Prepared.Parsed!);
            portal.State = PortalState.Done;
            await portal.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            if (session.Block.Writing is not null && portal.Prepared.MayAskForSession)
            {
                // The values that the statement draws are reported after its last row, which may be asked for late or never.
                session.Values.Doubt();
            }

            portal.State = PortalState.Suspended;
            BackendMessage.WritePortalSuspended(session.Output.Frames);
        }
    }

    private async ValueTask OpenAsync(Portal portal)
    {
        session.Names.RequireFewResults(session.Context.Options.OpenResultsMax);
        portal.Cursor = await session.Statements.ExecuteAsync(portal.Prepared, portal.Bound).ConfigureAwait(false);
        portal.RowAtHand = await session.Sender.FirstRowAsync(portal.Cursor).ConfigureAwait(false);
        if (!portal.RowAtHand)
        {
            session.Sender.ThrowIfFailed(portal.Cursor.Outcome.Error, portal.Prepared.Parsed!);
        }

        // Only now has SQLite read the present schema.
        if (!ResultColumns.Same(portal.Prepared.Shape!.Rows, portal.Cursor.Schema))
        {
            throw ResultSender.PlanChanged();
        }
    }

    private async ValueTask ExecuteCommandAsync(Portal portal, ParsedStatement parsed, long max)
    {
        if (!session.Pipeline.IsEmpty && parsed.Kind == StatementKind.Transaction)
        {
            switch (parsed.Command)
            {
                case BeginTransaction:
                    await session.Pipeline.CompleteInBlockAsync().ConfigureAwait(false);
                    break;
                case RollbackTransaction { Chain: false }:
                    await session.Pipeline.CompleteAsync(rollBack: true).ConfigureAwait(false);
                    break;
                case CommitTransaction { Chain: false }:
                    await session.Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
                    break;

                // The other commands need a block, so they fail, and the gathered statements with them.
            }
        }

        await session.Commands.ExecuteAsync(portal, max).ConfigureAwait(false);
    }

    private void ExecuteAgain(Portal portal)
    {
        if (portal.Prepared.Parsed is { Copy: null } parsed && (parsed.Verb == StatementVerb.Select || portal.Prepared.ReturnsRows))
        {
            CommandComplete.Write(session.Output.Frames, parsed, 0);
            return;
        }

        throw new PgException(SqlState.ObjectNotInPrerequisiteState, $"portal \"{portal.Name}\" cannot be run");
    }

    private void ExecuteFromFrames(Portal portal, long max)
    {
        if (!portal.Rows!.Send(session.Output.Frames, max, out var rows))
        {
            BackendMessage.WritePortalSuspended(session.Output.Frames);
            return;
        }

        portal.Rows = null;
        portal.State = PortalState.Done;
        CommandComplete.Write(session.Output.Frames, portal.Prepared.Parsed!, rows);
    }

    private async ValueTask CloseAsync(ReadOnlyMemory<byte> body)
    {
        var (kind, name) = ReadTarget(body.Span);
        switch (kind)
        {
            case (byte)'S':
                session.Names.RemoveStatement(name);
                break;
            case (byte)'P':
                await session.Names.ClosePortalAsync(name).ConfigureAwait(false);
                break;
            default:
                throw PgException.Protocol($"invalid CLOSE message subtype {kind}");
        }

        BackendMessage.WriteCloseComplete(session.Output.Frames);
    }

    private bool ReturnsRows(PreparedStatement prepared) =>
        prepared.ReturnsRows || prepared.Parsed is { } parsed && session.Commands.ReturnsRows(parsed);

    private static (byte Kind, string Name) ReadTarget(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var kind = reader.ReadByte();
        var name = reader.ReadText();
        reader.End();
        return (kind, name);
    }

    private static (string Name, long Max) ReadExecute(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var name = reader.ReadText();
        var max = reader.ReadInt32();
        reader.End();

        // PostgreSQL treats a negative limit as none.
        return (name, Math.Max(max, 0));
    }
}
