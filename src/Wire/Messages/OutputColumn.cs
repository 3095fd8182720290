using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>A result column as it is announced; the values that are sent have its type and format.</summary>
/// <param name="TableOid">The table that the column comes from, and <paramref name="AttributeNumber"/> its number there; 0 for an expression.</param>
/// <param name="Names">
/// Set if each value lies in the stored form of its type: the names of objects for those that name one. Otherwise a type that only the text of the
/// statement tells may have any value, which speaks for itself.
/// </param>
internal readonly record struct OutputColumn(
    string Name, PgType Type, bool Binary, uint TableOid = 0, short AttributeNumber = 0, IObjectNames? Names = null)
{
    /// <summary>The type as which values are written: the announced one, but for a char whose length it does not tell.</summary>
    public PgType Written { get; init; } = Type;

    /// <summary>Converts a field of the column, the last one of a frame so far, to the client's encoding where it is text.</summary>
    /// <param name="start">The position of the field in the frame.</param>
    /// <exception cref="TypeException">The field holds texts between other bytes.</exception>
    public void Convert(FrameWriter frame, int start, ClientEncoding encoding)
    {
        if (!Binary || BinaryTexts.IsText(Type.Oid))
        {
            frame.ConvertField(start, encoding);
        }
        else if (BinaryTexts.HoldsTexts(Type.Oid))
        {
            throw BinaryTexts.Refusal(Type.Oid);
        }
    }
}
