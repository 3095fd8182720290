using System.Buffers;
using System.Numerics;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Functions of bytea.</summary>
internal static class ByteaFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Native("octet_length(bytea)", "length({0})");
        registry.Native("length(bytea)", "length({0})");
        registry.Native("bit_length(bytea)", "(length({0}) * 8)");
        registry.Native("position(bytea,bytea)", "instr({0}, {1})");
        registry.Call("byteacat(bytea,bytea)", static (in FunctionCall call) => ReturnParts(call, call.Bytes(0), call.Bytes(1), default));
        foreach (var name in new[] { "substr", "substring" })
        {
            registry.Call(name + "(bytea,integer)", static (in FunctionCall call) =>
                call.ReturnBlob(Slice(call.Bytes(0), SubstringFunctions.Range(Math.Max(int.MinValue + 1, call.Int32(1)), null))));
            registry.Call(name + "(bytea,integer,integer)", static (in FunctionCall call) =>
                call.ReturnBlob(Slice(call.Bytes(0), SubstringFunctions.Range(call.Int32(1), call.Int32(2)))));
        }

        registry.Call("overlay(bytea,bytea,integer)", Overlay);
        registry.Call("overlay(bytea,bytea,integer,integer)", Overlay);
        registry.Call("btrim(bytea,bytea)", static (in FunctionCall call) => call.ReturnBlob(call.Bytes(0).Trim(call.Bytes(1))));
        registry.Call("ltrim(bytea,bytea)", static (in FunctionCall call) => call.ReturnBlob(call.Bytes(0).TrimStart(call.Bytes(1))));
        registry.Call("rtrim(bytea,bytea)", static (in FunctionCall call) => call.ReturnBlob(call.Bytes(0).TrimEnd(call.Bytes(1))));
        registry.Call("get_byte(bytea,integer)", static (in FunctionCall call) =>
            call.Return((long)call.Bytes(0)[(int)RequireIndex(call.Integer(1), call.Bytes(0).Length)]));
        registry.Call("get_bit(bytea,bigint)", static (in FunctionCall call) =>
        {
            var index = RequireIndex(call.Integer(1), call.Bytes(0).Length * 8L);
            call.Return((call.Bytes(0)[(int)(index / 8)] >> (int)(index % 8)) & 1L);
        });
        registry.Call("set_byte(bytea,integer,integer)", SetByte);
        registry.Call("set_bit(bytea,bigint,integer)", SetBit);
        registry.Call("bit_count(bytea)", CountBits);
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> data, (int Start, int End) range)
    {
        var start = Math.Min(range.Start, data.Length);
        return data[start..Math.Max(start, Math.Min(range.End, data.Length))];
    }

    private static void Overlay(in FunctionCall call)
    {
        var data = call.Bytes(0);
        var by = call.Bytes(1);
        var (start, end) = SubstringFunctions.OverlayRange(call.Int32(2), call.Count > 3 ? call.Int32(3) : by.Length);
        ReturnParts(
            call, Slice(data, SubstringFunctions.Range(1, start - 1)), by, Slice(data, SubstringFunctions.Range(Math.Max(int.MinValue + 1, end), null)));
    }

    private static void ReturnParts(in FunctionCall call, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        Characters.RequireLength((long)first.Length + second.Length + third.Length);
        var output = Arguments.TakeBuffer();
        output.Write(first);
        output.Write(second);
        output.Write(third);
        call.ReturnBlob(output.WrittenSpan);
    }

    private static void SetByte(in FunctionCall call)
    {
        var data = call.Bytes(0).ToArray();
        data[RequireIndex(call.Integer(1), data.Length)] = (byte)call.Integer(2);
        call.ReturnBlob(data);
    }

    private static void SetBit(in FunctionCall call)
    {
        var data = call.Bytes(0).ToArray();
        var index = RequireIndex(call.Integer(1), data.Length * 8L);
        var mask = (byte)(1 << (int)(index % 8));
        data[index / 8] = call.Integer(2) switch
        {
            0 => (byte)(data[index / 8] & ~mask),
            1 => (byte)(data[index / 8] | mask),
            _ => throw new TypeException(SqlState.InvalidParameterValue, "new bit must be 0 or 1"),
        };
        call.ReturnBlob(data);
    }

    private static void CountBits(in FunctionCall call)
    {
        var count = 0L;
        foreach (var value in call.Bytes(0))
        {
            count += BitOperations.PopCount(value);
        }

        call.Return(count);
    }

    private static long RequireIndex(long index, long length) => index >= 0 && index < length
        ? index
        : throw new TypeException(SqlState.ArrayElementError, $"index {index} out of valid range, 0..{length - 1}");
}
