using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Tests.Values;

public class ValuesRecordedTests
{
    [Fact]
    public void Values_are_shown_as_PostgreSQL_shows_them_in_both_formats()
    {
        var wrong = new List<string>();
        foreach (var fields in Recorded.Lines("values.tsv"))
        {
            Compare(wrong, fields, FormatSettings.Default);
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(60)));
    }

    [Fact]
    public void Moments_are_shown_in_the_zone_of_the_session()
    {
        var wrong = new List<string>();
        foreach (var fields in Recorded.Lines("zones.tsv"))
        {
            Assert.True(TimeZones.TrySetting(fields[0], out var zone), fields[0]);
            Compare(wrong, ["timestamptz", .. fields[1..]], new FormatSettings { TimeZone = zone });
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(60)));
    }

    [Fact]
    public void Bad_texts_are_refused_in_PostgreSQLs_words()
    {
        var wrong = new List<string>();
        foreach (var fields in Recorded.Lines("errors.tsv"))
        {
            var type = TypeOf(fields[0]);
            try
            {
                ParameterDecoder.Write(new ArrayBufferWriter<byte>(), Encoding.UTF8.GetBytes(fields[1]), false, type.Oid, FormatSettings.Default);
                wrong.Add($"{fields[0]} '{fields[1]}' was taken");
            }
            catch (TypeException e) when (e.SqlState == fields[2] && e.Message == fields[3])
            {
            }
            catch (TypeException e)
            {
                wrong.Add($"{fields[0]} '{fields[1]}': {e.SqlState} {e.Message}, not {fields[2]} {fields[3]}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static void Compare(List<string> wrong, string[] fields, FormatSettings settings)
    {
        var (name, sent, shown, hex) = (fields[0], fields[1], fields[2], fields[3]);
        var type = TypeOf(name);
        if (CannotBeStored(name, shown) && name != "numeric")
        {
            Assert.Equal("22003", Assert.Throws<TypeException>(() => Encode(Encoding.UTF8.GetBytes(sent), false, type.Oid, settings)).SqlState);
            Assert.Equal("22003", Assert.Throws<TypeException>(() => Encode(Convert.FromHexString(hex), true, type.Oid, settings)).SqlState);
            return;
        }

        try
        {
            var stored = Encode(Encoding.UTF8.GetBytes(sent), false, type.Oid, settings);
            // The display scale of numeric lies in its text; a number that is bound as one has lost the zeros at its end.
            var text = Show(stored, type, false, settings);
            var binary = Convert.ToHexStringLower(Bytes(Show(stored, type, true, settings)));
            var expected = name == "numeric" ? Trim(shown) : shown;
            var actual = Encoding.UTF8.GetString(Bytes(text));
            if ((name == "numeric" ? Trim(actual) : actual) != expected)
            {
                wrong.Add($"{name} '{sent}': text {actual}, not {shown}");
            }

            if (name == "numeric")
            {
                CompareNumeric(wrong, sent, shown, hex);
            }
            else if (binary != hex)
            {
                wrong.Add($"{name} '{sent}': binary {binary}, not {hex}");
            }

            var again = Encoding.UTF8.GetString(Bytes(Show(Encode(Convert.FromHexString(hex), true, type.Oid, settings), type, false, settings)));
            if ((name == "numeric" ? Trim(again) : again) != expected)
            {
                wrong.Add($"{name} {hex}: received as {again}, not {shown}");
            }
        }
        catch (TypeException e) when (e.SqlState == "22003" && CannotBeStored(name, shown))
        {
            CompareNumeric(wrong, sent, shown, hex);
        }
        catch (TypeException e)
        {
            wrong.Add($"{name} '{sent}': {e.Message}");
        }
    }

    // What the database would change is refused.
    private static bool CannotBeStored(string name, string shown) => name switch
    {
        "float4" or "float8" => shown is "NaN" or "-0",
        "numeric" => shown.Count(char.IsAsciiDigit) > 15,
        _ => false,
    };

    private static void CompareNumeric(List<string> wrong, string sent, string shown, string hex)
    {
        var type = new PgType(PgTypes.Numeric);
        var stored = SqliteValue.FromText(Encoding.UTF8.GetBytes(sent));
        var text = new ArrayBufferWriter<byte>();
        var binary = new ArrayBufferWriter<byte>();
        TextFormat.Write(text, stored, type, FormatSettings.Default);
        BinaryFormat.Write(binary, stored, type);
        var (actual, bytes) = (Encoding.UTF8.GetString(text.WrittenSpan[4..]), Convert.ToHexStringLower(binary.WrittenSpan[4..]));
        if (actual != shown || bytes != hex)
        {
            wrong.Add($"numeric '{sent}': {actual} {bytes}, not {shown} {hex}");
        }

        if (Numeric.ReadBinary(Convert.FromHexString(hex)).ToString() is var received && received != shown)
        {
            wrong.Add($"numeric {hex}: received as {received}, not {shown}");
        }
    }

    private static string Trim(string number) =>
        number.Contains('.', StringComparison.Ordinal) ? number.TrimEnd('0').TrimEnd('.') : number;

    private static PgType TypeOf(string name) => TypeNames.TryParse(name, out var type) ? type : throw new ArgumentException(name);

    private static byte[] Encode(byte[] data, bool binary, uint oid, FormatSettings settings)
    {
        var output = new ArrayBufferWriter<byte>();
        ParameterDecoder.Write(output, data, binary, oid, settings);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Show(byte[] stored, PgType type, bool binary, FormatSettings settings)
    {
        var reader = new ParameterEncoding.Reader(stored);
        Assert.True(reader.Read());
        var output = new ArrayBufferWriter<byte>();
        if (binary)
        {
            BinaryFormat.Write(output, reader.Value, type);
        }
        else
        {
            TextFormat.Write(output, reader.Value, type, settings);
        }

        return output.WrittenSpan.ToArray();
    }

    private static byte[] Bytes(byte[] field)
    {
        Assert.Equal(field.Length - 4, BinaryPrimitives.ReadInt32BigEndian(field));
        return field[4..];
    }
}
