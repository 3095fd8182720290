using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Calendar = Rqlite.Pg.Types.Values.Calendar;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Reads parameters as values of their types, in the form in which columns of these types store them.</summary>
internal static class StoredParameters
{
    private const int ScratchKeptMax = 1 << 20;

    [ThreadStatic]
    private static StoredValue? t_stored;

    /// <summary>A <see cref="ParameterReader"/> but for the last argument.</summary>
    /// <param name="names">What the session calls objects, and the types of the schema.</param>
    public static void Write(
        IBufferWriter<byte> output, ReadOnlySpan<byte> data, bool binary, uint type, FormatSettings settings, IObjectNames names)
    {
        var stored = t_stored ??= new StoredValue();
        var pgType = names.CarrierOf(new PgType(type == 0 ? PgTypes.Text : type));
        if (binary)
        {
            // The codec is that of the carrying array, whose element it expects to be told.
            if (pgType.Oid != type && names.ElementOf(type) is not 0 and var element && ArrayElements.OidOf(data) == element)
            {
                data = ArrayElements.With(data, PgTypes.Find(pgType.Oid)!.ElementOid);
            }

            Codec.For(pgType.Oid).ReadBinary(data, pgType, new ValueContext(settings, ValueContext.NoMoment, names), stored);
        }
        else
        {
            Codec.For(pgType.Oid).ReadText(TypeErrors.RequireText(data), pgType, new ValueContext(settings, Now(), names), stored);
        }

        names.Require(type, stored.Value);
        Write(output, stored);
    }

    /// <summary>A literal of a statement, in the text form that every session reads alike.</summary>
    public static void WriteText(IBufferWriter<byte> output, string? text, PgType type)
    {
        if (text is null)
        {
            ParameterEncoding.WriteNull(output);
            return;
        }

        var stored = t_stored ??= new StoredValue();
        Codec.For(type.Oid).ReadText(System.Text.Encoding.UTF8.GetBytes(text), type, ValueContext.Stored, stored);
        Write(output, stored);
    }

    // Parameters of a block are read when they come, so words such as now mean that moment.
    private static long Now() => ((DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond)
        - (Calendar.EpochSeconds * Calendar.SecondMicroseconds);

    private static void Write(IBufferWriter<byte> output, StoredValue stored)
    {
        var value = stored.Value;
        ParameterEncoding.Write(output, value);

        if (value.Bytes.Length > ScratchKeptMax)
        {
            t_stored = null;
        }
    }
}
