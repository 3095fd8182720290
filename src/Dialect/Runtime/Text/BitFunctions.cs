using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Functions of bit strings, which are stored as digits, and their conversions.</summary>
internal static class BitFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Native("length(bit)", "length({0})");
        registry.Native("bit_length(bit)", "length({0})");
        registry.Native("octet_length(bit)", "((length({0}) + 7) / 8)");
        registry.Call("position(bit,bit)", static (in FunctionCall call) =>
            call.Return(call.Bytes(0).IsEmpty ? 0L : call.Bytes(0).IndexOf(call.Bytes(1)) + 1));
        registry.Native("bitcat(bit varying,bit varying)", "({0} || {1})");
        registry.Native("bit_count(bit)", "length(replace({0}, '0', ''))");
        registry.Call("bitand(bit,bit)", static (in FunctionCall call) => Combine(call, "AND", static (a, b) => (byte)(a & b)));
        registry.Call("bitor(bit,bit)", static (in FunctionCall call) => Combine(call, "OR", static (a, b) => (byte)(a | b)));
        registry.Call("bitxor(bit,bit)", static (in FunctionCall call) => Combine(call, "XOR", static (a, b) => (byte)('0' + (a ^ b))));
        registry.Call("bitnot(bit)", Not);
        registry.Call("bitshiftleft(bit,integer)", static (in FunctionCall call) => Shift(call, call.Integer(1)));
        registry.Call("bitshiftright(bit,integer)", static (in FunctionCall call) => Shift(call, -call.Integer(1)));
        registry.Call("substring(bit,integer)", static (in FunctionCall call) =>
            call.ReturnText(Slice(call.Bytes(0), SubstringFunctions.Range(Math.Max(int.MinValue + 1, call.Int32(1)), null))));
        registry.Call("substring(bit,integer,integer)", static (in FunctionCall call) =>
            call.ReturnText(Slice(call.Bytes(0), SubstringFunctions.Range(call.Int32(1), call.Int32(2)))));
        registry.Call("overlay(bit,bit,integer)", Overlay);
        registry.Call("overlay(bit,bit,integer,integer)", Overlay);
        registry.Call("get_bit(bit,integer)", static (in FunctionCall call) =>
            call.Return(call.Bytes(0)[RequireIndex(call.Int32(1), call.Bytes(0).Length)] - '0'));
        registry.Call("set_bit(bit,integer,integer)", SetBit);
        registry.Call("bit(integer,integer)", static (in FunctionCall call) => FromInteger(call, 32));
        registry.Call("bit(bigint,integer)", static (in FunctionCall call) => FromInteger(call, 64));
        registry.Call("int4(bit)", static (in FunctionCall call) => call.Return((int)ToInteger(call.Bytes(0), 32, "integer")));
        registry.Call("int8(bit)", static (in FunctionCall call) => call.Return(ToInteger(call.Bytes(0), 64, "bigint")));
        registry.Call("bit(bit,integer,boolean)", static (in FunctionCall call) => Limit(call, PgTypes.Bit));
        registry.Call("varbit(bit varying,integer,boolean)", static (in FunctionCall call) => Limit(call, PgTypes.VarBit));
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> bits, (int Start, int End) range)
    {
        var start = Math.Min(range.Start, bits.Length);
        return bits[start..Math.Max(start, Math.Min(range.End, bits.Length))];
    }

    private static void Combine(in FunctionCall call, string name, Func<byte, byte, byte> operation)
    {
        var left = call.Bytes(0);
        var right = call.Bytes(1);
        if (left.Length != right.Length)
        {
            throw new TypeException(SqlState.StringDataLengthMismatch, $"cannot {name} bit strings of different sizes");
        }

        var target = Target(left.Length);
        for (var i = 0; i < left.Length; i++)
        {
            target[i] = operation(left[i], right[i]);
        }

        call.ReturnText(target);
    }

    private static void Not(in FunctionCall call)
    {
        var bits = call.Bytes(0);
        var target = Target(bits.Length);
        for (var i = 0; i < bits.Length; i++)
        {
            target[i] = (byte)(bits[i] ^ 1);
        }

        call.ReturnText(target);
    }

    /// <summary>Shifts to the left, for a negative distance to the right; the length stays.</summary>
    private static void Shift(in FunctionCall call, long distance)
    {
        var bits = call.Bytes(0);
        var target = Target(bits.Length);
        target.Fill((byte)'0');
        if (Math.Abs(distance) < bits.Length)
        {
            var by = (int)distance;
            if (by >= 0)
            {
                bits[by..].CopyTo(target);
            }
            else
            {
                bits[..(bits.Length + by)].CopyTo(target[-by..]);
            }
        }

        call.ReturnText(target);
    }

    private static void Overlay(in FunctionCall call)
    {
        var bits = call.Bytes(0);
        var by = call.Bytes(1);
        var (start, end) = SubstringFunctions.OverlayRange(call.Int32(2), call.Count > 3 ? call.Int32(3) : by.Length);
        var output = Arguments.TakeBuffer();
        output.Write(Slice(bits, SubstringFunctions.Range(1, start - 1)));
        output.Write(by);
        output.Write(Slice(bits, SubstringFunctions.Range(Math.Max(int.MinValue + 1, end), null)));
        Characters.RequireLength(output.WrittenCount);
        call.ReturnText(output.WrittenSpan);
    }

    private static void SetBit(in FunctionCall call)
    {
        var bits = call.Bytes(0).ToArray();
        bits[RequireIndex(call.Int32(1), bits.Length)] = call.Integer(2) is 0 or 1
            ? (byte)('0' + call.Integer(2))
            : throw new TypeException(SqlState.InvalidParameterValue, "new bit must be 0 or 1");
        call.ReturnText(bits);
    }

    /// <summary>The lowest bits of a number in two's complement, and copies of its sign before them.</summary>
    private static void FromInteger(in FunctionCall call, int width)
    {
        const int BitsMax = 83_886_080;
        var value = call.Integer(0);
        var length = call.Int32(1) is > 0 and <= BitsMax and var wanted ? wanted : 1;
        var target = Target(Characters.RequireLength(length));
        for (var i = 0; i < length; i++)
        {
            var place = length - 1 - i;
            target[i] = (byte)('0' + ((value >> Math.Min(place, width - 1)) & 1));
        }

        call.ReturnText(target);
    }

    private static long ToInteger(ReadOnlySpan<byte> bits, int width, string type)
    {
        if (bits.Length > width)
        {
            throw TypeErrors.Overflow(type);
        }

        var value = 0L;
        foreach (var bit in bits)
        {
            value = (value << 1) | (uint)(bit - '0');
        }

        return value;
    }

    private static void Limit(in FunctionCall call, uint type)
    {
        var limited = new PgType(type, call.Int32(1));
        if (call.Boolean(2))
        {
            call.ReturnText(Bits.Cast(call.Bytes(0), limited));
            return;
        }

        Bits.CheckLength(call.Bytes(0).Length, limited);
        call.ReturnArgument(0);
    }

    private static int RequireIndex(int index, int length) => index >= 0 && index < length
        ? index
        : throw new TypeException(SqlState.ArrayElementError, $"bit index {index} out of valid range (0..{length - 1})");

    private static Span<byte> Target(int length) => Arguments.TakeBuffer().GetSpan(Math.Max(1, length))[..length];
}
