using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Wire.Planning.PassThrough;

/// <summary>A statement whose text SQLite runs as it is written.</summary>
/// <param name="tree">The tree of a statement of PostgreSQL's dialect, which is translated instead; null for none.</param>
/// <param name="body">The statement within a PREPARE; null for none.</param>
internal sealed class PassThroughPart(ParsedStatement parsed, Statement? tree = null, StatementPart? body = null) : StatementPart
{
    public ParsedStatement Parsed => parsed;

    public Statement? Tree => tree;

    public override string Source => parsed.Source;

    public override string Tag => parsed.CommandTag;

    public override int ParameterCount => parsed.ParameterCount;

    public override SessionCommand? Command => parsed.Command;

    public override StatementPart? Body => body;
}
