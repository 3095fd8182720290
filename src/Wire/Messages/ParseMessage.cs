using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>Parse: a name, a text of one statement, and the types that the client declares for its parameters.</summary>
/// <param name="Types">OIDs; 0 for a type that the client leaves open. There may be fewer than the statement has parameters.</param>
internal readonly record struct ParseMessage(string Name, string Text, uint[] Types)
{
    public static ParseMessage Read(ReadOnlySpan<byte> body, ClientEncoding encoding)
    {
        var reader = new MessageReader(body, encoding);
        var name = reader.ReadText();
        var text = reader.ReadText();
        var count = reader.ReadUInt16();
        if (reader.Left < 4 * count)
        {
            throw PgException.Protocol("insufficient data left in message");
        }

        var types = count == 0 ? [] : new uint[count];
        for (var i = 0; i < count; i++)
        {
            types[i] = reader.ReadUInt32();
        }

        reader.End();
        return new ParseMessage(name, text, types);
    }
}
