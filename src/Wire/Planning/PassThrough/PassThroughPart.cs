using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Planning.PassThrough;

/// <summary>A statement whose text SQLite runs as it is written.</summary>
internal sealed class PassThroughPart(ParsedStatement parsed) : StatementPart
{
    public ParsedStatement Parsed => parsed;

    public override string Source => parsed.Source;

    public override string Tag => parsed.CommandTag;

    public override int ParameterCount => parsed.ParameterCount;

    public override SessionCommand? Command => parsed.Command;

    public override StatementPart? Body => parsed.Command is PrepareStatement prepare ? new PassThroughPart(prepare.Body) : null;
}
