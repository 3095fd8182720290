using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>
/// The forms of a type: text and binary as on the wire, and the stored one. All methods raise <see cref="TypeException"/> for what is no value
/// of the type. NULL never comes here.
/// </summary>
public abstract class Codec
{
    /// <summary>Reads text as the type's input function does, with the type's modifier.</summary>
    public abstract void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output);

    public abstract void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output);

    public abstract void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output);

    public abstract void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output);

    /// <summary>Compares two stored values by the type's default order.</summary>
    public virtual int Compare(in SqliteValue left, in SqliteValue right, PgType type) => left.Bytes.SequenceCompareTo(right.Bytes);

    /// <summary>The codec of a type. A type that this server refuses has one that says so.</summary>
    public static Codec For(uint oid) => CodecTable.Find(oid);
}
