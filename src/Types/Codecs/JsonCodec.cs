using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>json: stored as it was written.</summary>
internal sealed class JsonCodec : TextCodec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output)
    {
        text = TypeErrors.RequireText(text);
        JsonParser.Check(text);
        output.SetText(text);
    }
}
