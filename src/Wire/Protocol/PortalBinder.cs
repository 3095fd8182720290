using Rqlite.Pg.Dialect;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Session;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>Makes a portal of a Bind, with checks in PostgreSQL's order.</summary>
internal sealed class PortalBinder(SessionState session, SessionCommands commands)
{
    public Portal Bind(in BindMessage message)
    {
        var prepared = session.Statements[message.Statement];
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

        session.Block.RequireAlive(plan.Part, message.ParameterCount);
        session.Portals.RequireFree(message.Portal, session.Context.Options.PortalsMax);
        ConvertTexts(message.Values, plan.ParameterTypes);
        var statement = plan.Bind(message.Values, session.Settings.Format, message.Portal, message.ValuesError);
        var bound = plan.Command is ExecuteStatement execute ? commands.Bind(execute) : new BoundStatement(prepared, statement);
        RequireFormats(bound, message.ResultFormats);
        return new Portal(message.Portal, bound, message.ResultFormats);
    }

    // The binary format of a text is in the client's encoding too; only the statement tells which values are texts.
    private void ConvertTexts(ParameterValue[] values, uint[] types)
    {
        if (session.Output.Encoding is not { Converts: true } encoding)
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
        var columns = bound.Plan.IsRun ? bound.Plan.Columns?.Length : commands.ColumnCount(bound.Plan.Part);
        if (formats.Length > 1 && columns is { } known && formats.Length != known)
        {
            throw PgException.Protocol($"bind message has {formats.Length} result formats but query has {known} columns");
        }
    }
}
