using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Functions of macaddr and macaddr8.</summary>
internal static class MacAddressFunctions
{
    private const int Bytes = 6;
    private const int Bytes8 = 8;
    private const int ManufacturerBytes = 3;

    public static void Register(FunctionRegistry registry)
    {
        foreach (var (type, length) in new[] { ("macaddr", Bytes), ("macaddr8", Bytes8) })
        {
            registry.Call($"trunc({type})", (in FunctionCall call) =>
            {
                var bytes = MacAddress.Parse(call.Bytes(0), length);
                bytes.AsSpan(ManufacturerBytes).Clear();
                call.ReturnText(MacAddress.Write(bytes));
            });
            registry.Call($"{type}_not({type})", (in FunctionCall call) =>
                call.ReturnText(MacAddress.Write([.. MacAddress.Parse(call.Bytes(0), length).Select(b => (byte)~b)])));
            registry.Call($"{type}_and({type},{type})", (in FunctionCall call) => Combine(call, length, static (a, b) => (byte)(a & b)));
            registry.Call($"{type}_or({type},{type})", (in FunctionCall call) => Combine(call, length, static (a, b) => (byte)(a | b)));
        }

        registry.Call("macaddr8(macaddr)", static (in FunctionCall call) => call.ReturnText(MacAddress.Write(MacAddress.Parse(call.Bytes(0), Bytes8))));
        registry.Call("macaddr(macaddr8)", Shorten);
        registry.Call("macaddr8_set7bit(macaddr8)", static (in FunctionCall call) =>
        {
            var bytes = MacAddress.Parse(call.Bytes(0), Bytes8);
            bytes[0] |= 2;
            call.ReturnText(MacAddress.Write(bytes));
        });
    }

    private static void Combine(in FunctionCall call, int length, Func<byte, byte, byte> operation)
    {
        var (left, right) = (MacAddress.Parse(call.Bytes(0), length), MacAddress.Parse(call.Bytes(1), length));
        call.ReturnText(MacAddress.Write([.. left.Zip(right, operation)]));
    }

    private static void Shorten(in FunctionCall call)
    {
        var bytes = MacAddress.Parse(call.Bytes(0), Bytes8);
        if (bytes[3] != 0xFF || bytes[4] != 0xFE)
        {
            throw new TypeException(
                SqlState.NumericValueOutOfRange, "macaddr8 data out of range to convert to macaddr", hint:
                "Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example xx:xx:xx:ff:fe:xx:xx:xx, "
                    + "are eligible to be converted from macaddr8 to macaddr.");
        }

        call.ReturnText(MacAddress.Write([.. bytes[..3], .. bytes[5..]]));
    }
}
