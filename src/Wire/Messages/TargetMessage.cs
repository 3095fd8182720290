using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>Describe or Close: the name of a prepared statement or of a portal.</summary>
internal readonly record struct TargetMessage(bool IsPortal, string Name)
{
    /// <param name="command">DESCRIBE or CLOSE, for the error.</param>
    public static TargetMessage Read(ReadOnlySpan<byte> body, ClientEncoding encoding, string command)
    {
        var reader = new MessageReader(body, encoding);
        var kind = reader.ReadByte();
        var name = reader.ReadText();
        reader.End();
        return kind is (byte)'S' or (byte)'P'
            ? new TargetMessage(kind == (byte)'P', name)
            : throw PgException.Protocol($"invalid {command} message subtype {kind}");
    }
}
