using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>bit and bit varying: stored as characters 0 and 1.</summary>
internal sealed class BitCodec(bool varying) : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Bits.Parse(text, type, output.BeginText());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Write(Read(value));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        Bits.ReadBinary(data, type, output.BeginText());

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Bits.WriteBinary(Read(value), output);

    private ReadOnlySpan<byte> Read(in SqliteValue value)
    {
        var name = varying ? "bit varying" : "bit";
        var bits = Stored.RequireText(value, name);
        return bits.ContainsAnyExcept("01"u8) ? throw TypeErrors.Syntax(name, bits) : bits;
    }
}
