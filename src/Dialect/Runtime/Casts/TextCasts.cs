using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Casts;

/// <summary>Conversions between texts and from other types to text, and the lengths of character types.</summary>
internal static class TextCasts
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_output;

    public static void Register(FunctionRegistry registry)
    {
        registry.Native("text(boolean)", "(CASE {0} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)");
        registry.Native("text(character)", "rtrim({0}, ' ')");
        registry.Native("text(name)", "{0}");
        registry.Native("text(\"char\")", "{0}");
        registry.Native("bpchar(\"char\")", "{0}");
        registry.Native("bpchar(name)", "rtrim({0}, ' ')");
        registry.Native("varchar(name)", "{0}");
        registry.Call("text(inet)", static (in FunctionCall call) => call.ReturnText(InetAddress.Parse(call.Bytes(0), cidr: false).ToString(cidr: true)));
        registry.Call("name(text)", Name);
        registry.Call("name(character varying)", Name);
        registry.Call("name(character)", static (in FunctionCall call) => call.ReturnText(Strings.CutBytes(call.Bytes(0), Strings.NameBytes).TrimEnd((byte)' ')));
        registry.Call("nameconcatoid(name,oid)", NameWithOid);
        registry.Call("char(text)", static (in FunctionCall call) => ReturnChar(call, call.Bytes(0) is { Length: > 0 } text ? text[0] : 0));
        registry.Call("char(integer)", FromInteger);
        registry.Call("int4(\"char\")", static (in FunctionCall call) => call.Return(call.Bytes(0) is { Length: > 0 } text ? text[0] : 0L));
        registry.Call("varchar(character varying,integer,boolean)", VarChar);
        registry.Call("bpchar(character,integer,boolean)", BpChar);
    }

    /// <summary>The text of an argument as its type's output function gives it; valid until the next call of these functions.</summary>
    public static ReadOnlySpan<byte> Output(scoped in FunctionCall call, int argument, PgType type) =>
        IsText(type) ? call.Bytes(argument) : Output(call, call.Value(argument), type);

    /// <summary>The text of a value; valid until the next call of these functions.</summary>
    public static ReadOnlySpan<byte> Output(scoped in FunctionCall call, scoped in SqliteValue value, PgType type)
    {
        if (IsText(type) && value.Class == StorageClass.Text)
        {
            return value.Bytes;
        }

        var output = t_output;
        if (output is null || output.Capacity > Text.Characters.BytesMax / 64)
        {
            t_output = output = new ArrayBufferWriter<byte>();
        }

        output.ResetWrittenCount();
        Codec.For(type.Oid).WriteText(value, type, call.Context(), output);
        return output.WrittenSpan;
    }

    /// <summary>The text of an argument as a cast to text gives it.</summary>
    public static ReadOnlySpan<byte> ToText(scoped in FunctionCall call, int argument, PgType type) => type.Oid switch
    {
        PgTypes.Bool => call.Boolean(argument) ? "true"u8 : "false"u8,
        PgTypes.BpChar => call.Bytes(argument).TrimEnd((byte)' '),
        PgTypes.Inet or PgTypes.Cidr => System.Text.Encoding.ASCII.GetBytes(
            InetAddress.Parse(call.Bytes(argument), type.Oid == PgTypes.Cidr).ToString(cidr: true)),
        _ => Output(call, argument, type),
    };

    private static bool IsText(PgType type) => type.Oid is PgTypes.Text or PgTypes.VarChar or PgTypes.Name or PgTypes.Unknown;

    private static void Name(in FunctionCall call) => call.ReturnText(Strings.CutBytes(call.Bytes(0), Strings.NameBytes));

    private static void NameWithOid(in FunctionCall call)
    {
        var suffix = System.Text.Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"_{call.Integer(1)}"));
        var output = Arguments.TakeBuffer();
        output.Write(Strings.CutBytes(call.Bytes(0), Strings.NameBytes - suffix.Length));
        output.Write(suffix);
        call.ReturnText(output.WrittenSpan);
    }

    private static void FromInteger(in FunctionCall call)
    {
        var value = call.Int32(0);
        ReturnChar(call, value is >= sbyte.MinValue and <= sbyte.MaxValue
            ? value & 0xFF
            : throw new TypeException(SqlState.NumericValueOutOfRange, "\"char\" out of range"));
    }

    private static void ReturnChar(in FunctionCall call, int value)
    {
        if (value >= 0x80)
        {
            throw TypeErrors.NotSupported("a value of type \"char\" beyond ASCII is not supported");
        }

        call.ReturnText(value == 0 ? ReadOnlySpan<byte>.Empty : [(byte)value]);
    }

    private static void VarChar(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var limit = Modifiers.Length(call.Int32(1));
        call.ReturnText(limit < 0 ? text
            : call.Boolean(2) ? Strings.Cut(text, limit)
            : Strings.Limit(text, new PgType(PgTypes.VarChar, call.Int32(1))));
    }

    private static void BpChar(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var limit = Modifiers.Length(call.Int32(1));
        call.ReturnText((limit < 0 ? text
            : call.Boolean(2) ? Strings.Cut(text, limit)
            : Strings.Limit(text, new PgType(PgTypes.BpChar, call.Int32(1)))).TrimEnd((byte)' '));
    }
}
