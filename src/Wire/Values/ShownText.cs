using System.Buffers.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Types whose text is the value as it is stored, in both formats.</summary>
internal static class ShownText
{
    /// <summary>
    /// True for texts, for types without a value, and for names of objects, which only a catalog could turn into numbers. A type that is not
    /// announced has whatever its client sent.
    /// </summary>
    public static bool Is(uint oid) => oid is PgTypes.Text or PgTypes.VarChar or PgTypes.BpChar or PgTypes.Name or PgTypes.Json or PgTypes.Unknown
        or PgTypes.Void or PgTypes.RegClass or PgTypes.RegType or PgTypes.RegProc || !Dialect.AnnouncedTypes.Contains(oid);

    /// <summary>The text of any value: numbers as PostgreSQL writes them.</summary>
    /// <param name="buffer">A buffer for numbers, of at least <see cref="FloatText.LengthMax"/> bytes; the result may lie in it.</param>
    public static ReadOnlySpan<byte> Of(in SqliteValue value, Span<byte> buffer)
    {
        switch (value.Class)
        {
            case StorageClass.Integer:
                _ = Utf8Formatter.TryFormat(value.Integer, buffer, out var digits);
                return buffer[..digits];
            case StorageClass.Real:
                return buffer[..FloatText.Write(buffer, value.Real, extraDigits: 1)];
            default:
                return TypeErrors.RequireText(value.Bytes);
        }
    }
}
