using Rqlite.Pg.Dialect;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Session;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>Makes a portal of a Bind, with checks in PostgreSQL's order.</summary>
internal sealed class PortalBinder(PgSession session)
{
    private readonly SessionState _state = session.State;

    public async ValueTask<Portal> BindAsync(BindMessage message)
    {
        var prepared = _state.Statements[message.Statement];
        if (message.HeadError is { } headError)
        {
            throw headError;
        }

        var plan = prepared.Plan;
        if (message.ParameterCount != plan.ParameterTypes.Length)
        {
            throw PgException.Protocol(
                $"bind message supplies {message.ParameterCount} parameters, but prepared statement \"{prepared.Name}\" requires {plan.ParameterTypes.Length}");
        }

        _state.Block.RequireAlive(plan.Part, message.ParameterCount);
        _state.Portals.RequireFree(message.Portal, _state.Context.Options.PortalsMax);
        ConvertTexts(message.Values, plan.ParameterTypes);
        var bound = await session.Replanning.BindAsync(
            prepared, bind => bind.Bind(message.Values, _state.Settings.Format, message.Portal, message.ValuesError, _state.Block.Moment)).ConfigureAwait(false);
        if (plan.Command is ExecuteStatement execute)
        {
            bound = await session.Commands.BindAsync(execute).ConfigureAwait(false);
        }

        RequireFormats(bound, message.ResultFormats);
        return new Portal(message.Portal, bound, message.ResultFormats);
    }

    // The binary format of a text is in the client's encoding too; only the statement tells which values are texts.
    private void ConvertTexts(ParameterValue[] values, uint[] types)
    {
        if (_state.Output.Encoding is not { Converts: true } encoding)
        {
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { Binary: true, Data: { } data })
            {
                continue;
            }

            if (BinaryTexts.HoldsTexts(types[i]))
            {
                throw BinaryTexts.Refusal(types[i]);
            }

            values[i] = BinaryTexts.IsText(types[i]) ? values[i] with { Data = encoding.ToUtf8(data) } : values[i];
        }
    }

    private void RequireFormats(BoundStatement bound, short[] formats)
    {
        var columns = bound.Plan.IsRun ? bound.Plan.Columns?.Length : session.Commands.ColumnCount(bound.Plan.Part);
        if (formats.Length > 1 && columns is { } known && formats.Length != known)
        {
            throw PgException.Protocol($"bind message has {formats.Length} result formats but query has {known} columns");
        }
    }
}
