using System.Buffers;
using System.Buffers.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Wire.Values;

/// <summary>
/// Writes a field of DataRow in text format: its length, then its bytes. Integers, floats, booleans and texts, of which most rows consist, are
/// written in place when they are stored as their type is; all else is for the type's codec.
/// </summary>
internal static class TextFormat
{
    /// <param name="names">See <see cref="Messages.OutputColumn"/>.</param>
    /// <exception cref="TypeException">The value cannot be shown as the announced type without loss; nothing has been written.</exception>
    public static void Write(IBufferWriter<byte> output, in SqliteValue value, PgType type, FormatSettings settings, IObjectNames? names = null)
    {
        if (value.Class == StorageClass.Null)
        {
            FieldBytes.WriteNull(output);
            return;
        }

        Span<byte> scratch = stackalloc byte[FloatText.LengthMax];
        switch (type.Oid)
        {
            case PgTypes.Text or PgTypes.VarChar:
                FieldBytes.Write(output, Stored.Text(value, scratch));
                break;
            case PgTypes.Int2 when value.Class == StorageClass.Integer && value.Integer is >= short.MinValue and <= short.MaxValue:
            case PgTypes.Int4 when value.Class == StorageClass.Integer && value.Integer is >= int.MinValue and <= int.MaxValue:
            case PgTypes.Int8 when value.Class == StorageClass.Integer:
                _ = Utf8Formatter.TryFormat(value.Integer, scratch, out var digits);
                FieldBytes.Write(output, scratch[..digits]);
                break;
            case PgTypes.Float8 when value.Class == StorageClass.Real:
                FieldBytes.Write(output, scratch[..FloatText.Write(scratch, value.Real, settings.ExtraFloatDigits)]);
                break;
            case PgTypes.Bool when value.Class == StorageClass.Integer && value.Integer is 0 or 1:
                FieldBytes.Write(output, value.Integer == 1 ? "t"u8 : "f"u8);
                break;
            case PgTypes.Bytea when !settings.ByteaEscape:
                var bytes = value.Class is StorageClass.Blob or StorageClass.Text ? value.Bytes : Stored.Text(value, scratch);
                FieldBytes.WriteLength(output, 2 + (2 * bytes.Length));
                Bytea.Write(bytes, escape: false, output);
                break;
            case var oid when names is null && ShownText.Is(oid):
                FieldBytes.Write(output, Stored.Text(value, scratch));
                break;
            default:
                WriteByCodec(output, value, type, new ValueContext(settings, ValueContext.NoMoment, names));
                break;
        }
    }

    private static void WriteByCodec(IBufferWriter<byte> output, in SqliteValue value, PgType type, in ValueContext context)
    {
        var scratch = FieldBytes.TakeScratch();
        try
        {
            var carrier = context.Names?.CarrierOf(type) ?? type;
            Codec.For(carrier.Oid).WriteText(value, carrier, context, scratch);
            FieldBytes.Write(output, scratch.WrittenSpan);
        }
        finally
        {
            FieldBytes.GiveBack(scratch);
        }
    }
}
