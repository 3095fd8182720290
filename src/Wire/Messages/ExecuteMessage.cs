namespace Rqlite.Pg.Wire.Messages;

/// <summary>Execute: the name of a portal, and the most rows to send.</summary>
/// <param name="RowsMax">0 for all rows.</param>
internal readonly record struct ExecuteMessage(string Portal, long RowsMax)
{
    public static ExecuteMessage Read(ReadOnlySpan<byte> body, ClientEncoding encoding)
    {
        var reader = new MessageReader(body, encoding);
        var portal = reader.ReadText();
        var max = reader.ReadInt32();
        reader.End();

        // PostgreSQL treats a negative limit as none.
        return new ExecuteMessage(portal, Math.Max(max, 0));
    }
}
