namespace Rqlite.Pg.Wire.Messages;

/// <summary>Query: a text of any number of statements.</summary>
internal readonly record struct QueryMessage(string Text)
{
    public static QueryMessage Read(ReadOnlySpan<byte> body, ClientEncoding encoding)
    {
        var reader = new MessageReader(body, encoding);
        var message = new QueryMessage(reader.ReadText());
        reader.End();
        return message;
    }
}
