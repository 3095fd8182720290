using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Wire.Planning.PassThrough;

namespace Rqlite.Pg.Wire.Planning.Translated;

/// <summary>A statement of PostgreSQL's dialect that was cut into tokens and is parsed only if no translation is kept that serves for it.</summary>
/// <param name="parsed">The parsed statement, if there is one already.</param>
/// <param name="parse">Parses the text, which is known to be one statement.</param>
internal sealed class ShapedPart(string text, LiteralTokens literals, TextShape shape, PassThroughPart? parsed, Func<string, PassThroughPart> parse)
    : StatementPart
{
    private PassThroughPart? _parsed = parsed;

    public override string Source => text;

    public override string Tag => shape.Tag;

    public override int ParameterCount => shape.ParameterCount;

    public override SessionCommand? Command => null;

    public override StatementPart? Body => null;

    public LiteralTokens Literals => literals;

    public TextShape Shape => shape;

    public PassThroughPart Parsed => _parsed ??= parse(text);
}
