using System.Buffers;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Query;

/// <summary>Bind: portal and statement names, format codes, parameters, result format codes. Returns a portal that owns all it needs.</summary>
internal static class BindMessage
{
    public static Portal Read(ReadOnlySpan<byte> body, PgSession session)
    {
        var reader = new MessageReader(body);
        var portalName = reader.ReadText();
        var statement = session.Names.Statement(reader.ReadText());
        var formats = ReadFormats(ref reader);
        var count = reader.ReadUInt16();
        if (formats.Length > 1 && formats.Length != count)
        {
            throw PgException.Protocol($"bind message has {formats.Length} parameter formats but {count} parameters");
        }

        if (count != statement.ParameterTypes.Length)
        {
            throw PgException.Protocol(
                $"bind message supplies {count} parameters, but prepared statement \"{statement.Name}\" requires {statement.ParameterTypes.Length}");
        }

        session.Block.RequireAlive(statement.Parsed, count);

        if (portalName.Length > 0)
        {
            session.Names.RequireFreePortal(portalName, session.Context.Options.PortalsMax);
        }

        var parameters = ReadParameters(ref reader, statement, portalName, formats, count, session.Settings.Format);
        var resultFormats = ReadFormats(ref reader);
        reader.End();
        var (prepared, bound) = statement.Parsed?.Command is ExecuteStatement execute
            ? session.Commands.Bind(execute)
            : (statement, statement.Bind(parameters));
        RequireFormats(prepared, resultFormats, session);
        return new Portal(portalName, prepared, bound, resultFormats) { Level = session.Block.Level };
    }

    /// <summary>Encodes parameters that are given as text, as in EXECUTE.</summary>
    public static ReadOnlyMemory<byte> Encode(
        PreparedStatement statement, IReadOnlyList<string?> values, FormatSettings settings)
    {
        var slices = new Slice[values.Count];
        var encoded = new ArrayBufferWriter<byte>();
        for (var i = 0; i < values.Count; i++)
        {
            var start = encoded.WrittenCount;
            var value = values[i];
            if (value is null)
            {
                ParameterEncoding.WriteNull(encoded);
            }
            else
            {
                ParameterDecoder.Write(encoded, Encoding.UTF8.GetBytes(value), binary: false, statement.ParameterTypes[i], settings);
            }

            slices[i] = new Slice(start, encoded.WrittenCount - start);
        }

        return Arrange(statement, encoded, slices);
    }

    private static short[] ReadFormats(ref MessageReader reader)
    {
        var count = reader.ReadUInt16();
        if (reader.Left < 2 * count)
        {
            throw PgException.Protocol("insufficient data left in message");
        }

        var formats = count == 0 ? [] : new short[count];
        for (var i = 0; i < count; i++)
        {
            formats[i] = reader.ReadInt16();
            if (formats[i] is not (0 or 1))
            {
                throw new PgException(SqlState.InvalidParameterValue, $"unsupported format code: {formats[i]}");
            }
        }

        return formats;
    }

    private static ReadOnlyMemory<byte> ReadParameters(
        ref MessageReader reader, PreparedStatement statement, string portalName, short[] formats, int count, FormatSettings settings)
    {
        if (count == 0)
        {
            return default;
        }

        if (reader.Left < 4 * count)
        {
            throw PgException.Protocol("insufficient data left in message");
        }

        var slices = new Slice[count];
        var encoded = new ArrayBufferWriter<byte>(Math.Max(reader.Left + count, 16));
        for (var i = 0; i < count; i++)
        {
            var start = encoded.WrittenCount;
            var length = reader.ReadInt32();
            if (length == -1)
            {
                ParameterEncoding.WriteNull(encoded);
            }
            else
            {
                var binary = formats.Length > 0 && formats[formats.Length == 1 ? 0 : i] == 1;
                Decode(encoded, reader.ReadBytes(length), binary, statement.ParameterTypes[i], settings, portalName, i + 1);
            }

            slices[i] = new Slice(start, encoded.WrittenCount - start);
        }

        return Arrange(statement, encoded, slices);
    }

    private static void Decode(
        ArrayBufferWriter<byte> output, ReadOnlySpan<byte> value, bool binary, uint type, FormatSettings settings, string portal, int number)
    {
        try
        {
            ParameterDecoder.Write(output, value, binary, type, settings);
        }
        catch (TypeException exception)
        {
            throw new PgException(ErrorMapping.From(exception)! with { Where = ParameterDecoder.Context(portal, number) });
        }
    }

    // Puts parameters into the order in which SQLite numbers them; by name if the database does not know the statement yet.
    private static ReadOnlyMemory<byte> Arrange(PreparedStatement statement, ArrayBufferWriter<byte> encoded, Slice[] slices)
    {
        if (statement.ParameterOrder is not { } order)
        {
            return Name(encoded, slices);
        }

        var straight = order.Length == slices.Length;
        for (var i = 0; straight && i < order.Length; i++)
        {
            straight = order[i] == i;
        }

        if (straight)
        {
            return encoded.WrittenMemory;
        }

        var arranged = new ArrayBufferWriter<byte>(Math.Max(encoded.WrittenCount, 16));
        foreach (var from in order)
        {
            if ((uint)from < (uint)slices.Length)
            {
                arranged.Write(encoded.WrittenSpan.Slice(slices[from].Start, slices[from].Length));
            }
            else
            {
                ParameterEncoding.WriteNull(arranged);
            }
        }

        return arranged.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Name(ArrayBufferWriter<byte> encoded, Slice[] slices)
    {
        var named = new ArrayBufferWriter<byte>();
        for (var i = 0; i < slices.Length; i++)
        {
            var name = (i + 1).ToString(CultureInfo.InvariantCulture);
            var value = new ParameterEncoding.Reader(encoded.WrittenSpan.Slice(slices[i].Start, slices[i].Length));
            value.Read();
            switch (value.Value.Class)
            {
                case StorageClass.Integer:
                    ParameterEncoding.WriteInteger(named, value.Value.Integer, name);
                    break;
                case StorageClass.Real:
                    ParameterEncoding.WriteReal(named, value.Value.Real, name);
                    break;
                case StorageClass.Text:
                    ParameterEncoding.WriteText(named, value.Value.Bytes, name);
                    break;
                case StorageClass.Blob:
                    ParameterEncoding.WriteBlob(named, value.Value.Bytes, name);
                    break;
                default:
                    ParameterEncoding.WriteNull(named, name);
                    break;
            }
        }

        return named.WrittenMemory;
    }

    private static void RequireFormats(PreparedStatement prepared, short[] formats, PgSession session)
    {
        var columns = prepared.IsRun ? prepared.Shape?.Rows.Columns.Count : session.Commands.ColumnCount(prepared.Parsed);
        if (formats.Length > 1 && columns is { } known && formats.Length != known)
        {
            throw PgException.Protocol($"bind message has {formats.Length} result formats but query has {known} columns");
        }
    }

    private readonly record struct Slice(int Start, int Length);
}
