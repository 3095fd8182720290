using System.Numerics;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Functions of inet and cidr.</summary>
internal static class NetworkFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Call("family(inet)", static (in FunctionCall call) => call.Return(Address(call, 0).IsVersion6 ? 6L : 4L));
        registry.Call("masklen(inet)", static (in FunctionCall call) => call.Return((long)Address(call, 0).Prefix));
        registry.Call("host(inet)", static (in FunctionCall call) => Return(call, WithPrefix(Address(call, 0), null)));
        registry.Call("network(inet)", static (in FunctionCall call) => ReturnNetwork(call, Address(call, 0)));
        registry.Call("cidr(inet)", static (in FunctionCall call) => ReturnNetwork(call, Address(call, 0)));
        registry.Call("netmask(inet)", static (in FunctionCall call) => Return(call, Mask(Address(call, 0), host: false)));
        registry.Call("hostmask(inet)", static (in FunctionCall call) => Return(call, Mask(Address(call, 0), host: true)));
        registry.Call("broadcast(inet)", Broadcast);
        registry.Call("abbrev(inet)", static (in FunctionCall call) => Return(call, Address(call, 0)));
        registry.Call("abbrev(cidr)", static (in FunctionCall call) => call.ReturnText(NetworkText.Abbreviate(Address(call, 0))));
        registry.Call("set_masklen(inet,integer)", static (in FunctionCall call) => Return(call, WithPrefix(Address(call, 0), PrefixOf(call))));
        registry.Call("set_masklen(cidr,integer)", static (in FunctionCall call) => ReturnNetwork(call, WithPrefix(Address(call, 0), PrefixOf(call))));
        RegisterRelations(registry);
        RegisterArithmetic(registry);
    }

    private static void RegisterRelations(FunctionRegistry registry)
    {
        registry.Call("network_sub(inet,inet)", static (in FunctionCall call) => call.Return(Contains(call, 1, 0, orEqual: false)));
        registry.Call("network_subeq(inet,inet)", static (in FunctionCall call) => call.Return(Contains(call, 1, 0, orEqual: true)));
        registry.Call("network_sup(inet,inet)", static (in FunctionCall call) => call.Return(Contains(call, 0, 1, orEqual: false)));
        registry.Call("network_supeq(inet,inet)", static (in FunctionCall call) => call.Return(Contains(call, 0, 1, orEqual: true)));
        registry.Call("network_overlap(inet,inet)", static (in FunctionCall call) =>
            call.Return(Contains(call, 0, 1, orEqual: true) || Contains(call, 1, 0, orEqual: true)));
        registry.Call("inet_same_family(inet,inet)", static (in FunctionCall call) =>
            call.Return(Address(call, 0).IsVersion6 == Address(call, 1).IsVersion6));
        registry.Call("inet_merge(inet,inet)", static (in FunctionCall call) =>
        {
            var (left, right) = (Address(call, 0), Address(call, 1));
            if (left.IsVersion6 != right.IsVersion6)
            {
                throw Invalid("cannot merge addresses from different families");
            }

            var common = CommonBits(left, right, Math.Min(left.Prefix, right.Prefix));
            ReturnNetwork(call, WithPrefix(left, common));
        });
    }

    private static void RegisterArithmetic(FunctionRegistry registry)
    {
        registry.Call("inetnot(inet)", static (in FunctionCall call) =>
        {
            var address = Address(call, 0);
            Return(call, Map(address, address, static (a, _) => (byte)~a, address.Prefix));
        });
        registry.Call("inetand(inet,inet)", static (in FunctionCall call) => Combine(call, "AND", static (a, b) => (byte)(a & b)));
        registry.Call("inetor(inet,inet)", static (in FunctionCall call) => Combine(call, "OR", static (a, b) => (byte)(a | b)));
        registry.Call("inetpl(inet,bigint)", static (in FunctionCall call) => Add(call, Address(call, 0), call.Integer(1)));
        registry.Call("int8pl_inet(bigint,inet)", static (in FunctionCall call) => Add(call, Address(call, 1), call.Integer(0)));
        registry.Call("inetmi_int8(inet,bigint)", static (in FunctionCall call) => Add(call, Address(call, 0), -(BigInteger)call.Integer(1)));
        registry.Call("inetmi(inet,inet)", static (in FunctionCall call) =>
        {
            var (left, right) = (Address(call, 0), Address(call, 1));
            if (left.IsVersion6 != right.IsVersion6)
            {
                throw Invalid("cannot subtract inet values of different sizes");
            }

            var difference = Number(left) - Number(right);
            call.Return(difference >= long.MinValue && difference <= long.MaxValue ? (long)difference : throw ResultRange());
        });
    }

    private static InetAddress Address(in FunctionCall call, int argument) => InetAddress.Parse(call.Bytes(argument), cidr: false);

    private static void Return(in FunctionCall call, InetAddress address) => call.ReturnText(address.ToString(cidr: false));

    /// <summary>Answers with the network as cidr: without the bits of the host.</summary>
    private static void ReturnNetwork(in FunctionCall call, InetAddress address)
    {
        var mask = Mask(address, host: false);
        call.ReturnText(Map(address, mask, static (a, m) => (byte)(a & m), address.Prefix).ToString(cidr: true));
    }

    private static InetAddress WithPrefix(InetAddress address, int? prefix) => new(address.Bytes, prefix ?? address.Bytes.Length * 8);

    private static int PrefixOf(in FunctionCall call)
    {
        var (bits, prefix) = (Address(call, 0).Bytes.Length * 8, call.Int32(1));
        return prefix == -1 ? bits
            : prefix >= 0 && prefix <= bits ? prefix
            : throw Invalid($"invalid mask length: {prefix}");
    }

    private static void Broadcast(in FunctionCall call)
    {
        var address = Address(call, 0);
        Return(call, Map(address, Mask(address, host: true), static (a, m) => (byte)(a | m), address.Prefix));
    }

    /// <summary>The bits of the network, or those of the host, set.</summary>
    private static InetAddress Mask(InetAddress address, bool host)
    {
        var bytes = new byte[address.Bytes.Length];
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            if (bit < address.Prefix != host)
            {
                bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
            }
        }

        return new InetAddress(bytes, bytes.Length * 8);
    }

    private static InetAddress Map(InetAddress left, InetAddress right, Func<byte, byte, byte> operation, int prefix)
    {
        var bytes = new byte[left.Bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = operation(left.Bytes[i], right.Bytes[i]);
        }

        return new InetAddress(bytes, prefix);
    }

    private static bool Contains(in FunctionCall call, int network, int part, bool orEqual)
    {
        var (outer, inner) = (Address(call, network), Address(call, part));
        return outer.IsVersion6 == inner.IsVersion6
            && (orEqual ? outer.Prefix <= inner.Prefix : outer.Prefix < inner.Prefix)
            && CommonBits(outer, inner, outer.Prefix) == outer.Prefix;
    }

    private static int CommonBits(InetAddress left, InetAddress right, int max)
    {
        for (var bit = 0; bit < max; bit++)
        {
            if (((left.Bytes[bit / 8] ^ right.Bytes[bit / 8]) & (0x80 >> (bit % 8))) != 0)
            {
                return bit;
            }
        }

        return max;
    }

    private static void Combine(in FunctionCall call, string name, Func<byte, byte, byte> operation)
    {
        var (left, right) = (Address(call, 0), Address(call, 1));
        if (left.IsVersion6 != right.IsVersion6)
        {
            throw Invalid($"cannot {name} inet values of different sizes");
        }

        Return(call, Map(left, right, operation, Math.Max(left.Prefix, right.Prefix)));
    }

    private static void Add(in FunctionCall call, InetAddress address, BigInteger number)
    {
        var sum = Number(address) + number;
        var length = address.Bytes.Length;
        if (sum.Sign < 0 || sum.GetBitLength() > length * 8)
        {
            throw ResultRange();
        }

        var bytes = new byte[length];
        var digits = sum.ToByteArray(isUnsigned: true, isBigEndian: true);
        digits.CopyTo(bytes.AsSpan(length - digits.Length));
        Return(call, new InetAddress(bytes, address.Prefix));
    }

    private static BigInteger Number(InetAddress address) => new(address.Bytes, isUnsigned: true, isBigEndian: true);

    private static TypeException Invalid(string message) => new(SqlState.InvalidParameterValue, message);

    private static TypeException ResultRange() => new(SqlState.NumericValueOutOfRange, "result is out of range");
}
