using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Writes a field of DataRow in binary format: its length, then its bytes. See <see cref="TextFormat"/> for what is written in place.</summary>
internal static class BinaryFormat
{
    /// <exception cref="TypeException">The value cannot be sent as the announced type without loss; nothing has been written.</exception>
    public static void Write(IBufferWriter<byte> output, in SqliteValue value, PgType type, IObjectNames? names = null)
    {
        if (value.Class == StorageClass.Null)
        {
            FieldBytes.WriteNull(output);
            return;
        }

        Span<byte> scratch = stackalloc byte[FloatText.LengthMax];
        switch (type.Oid)
        {
            case PgTypes.Int4 when value.Class == StorageClass.Integer && value.Integer is >= int.MinValue and <= int.MaxValue:
                BinaryPrimitives.WriteInt32BigEndian(FieldBytes.Start(output, 4), (int)value.Integer);
                output.Advance(8);
                break;
            case PgTypes.Int8 when value.Class == StorageClass.Integer:
                BinaryPrimitives.WriteInt64BigEndian(FieldBytes.Start(output, 8), value.Integer);
                output.Advance(12);
                break;
            case PgTypes.Float8 when value.Class == StorageClass.Real && !double.IsNaN(value.Real):
                BinaryPrimitives.WriteDoubleBigEndian(FieldBytes.Start(output, 8), value.Real);
                output.Advance(12);
                break;
            case PgTypes.Bytea:
                FieldBytes.Write(output, value.Class is StorageClass.Blob or StorageClass.Text ? value.Bytes : Stored.Text(value, scratch));
                break;
            case PgTypes.Jsonb:
                var json = Stored.Text(value, scratch);
                var target = FieldBytes.Start(output, 1 + json.Length);
                target[0] = 1;
                json.CopyTo(target[1..]);
                output.Advance(5 + json.Length);
                break;
            case PgTypes.RegClass or PgTypes.RegType or PgTypes.RegProc when value.Class == StorageClass.Integer:
                WriteByCodec(output, value, type, names);
                break;
            case var oid when names is null && ShownText.Is(oid):
                FieldBytes.Write(output, Stored.Text(value, scratch));
                break;
            default:
                WriteByCodec(output, value, type, names);
                break;
        }
    }

    private static void WriteByCodec(IBufferWriter<byte> output, in SqliteValue value, PgType type, IObjectNames? names)
    {
        var scratch = FieldBytes.TakeScratch();
        try
        {
            var carrier = names?.CarrierOf(type) ?? type;
            Codec.For(carrier.Oid).WriteBinary(value, carrier, ValueContext.Stored, scratch);
            if (carrier.Oid != type.Oid && names!.ElementOf(type.Oid) is not 0 and var element)
            {
                // The array tells its own element, not that by which it is carried.
                FieldBytes.Write(output, ArrayElements.With(scratch.WrittenSpan, element));
                return;
            }

            FieldBytes.Write(output, scratch.WrittenSpan);
        }
        finally
        {
            FieldBytes.GiveBack(scratch);
        }
    }
}
