using System.Numerics;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Functions of uuid and pg_lsn.</summary>
internal static class IdentifierFunctions
{
    private const int UuidBytes = 16;

    public static void Register(FunctionRegistry registry)
    {
        // SQLite's generator is seeded by the entry, so replicas draw the same.
        registry.Native("gen_random_uuid()", "pg_random_uuid(randomblob(16))");
        registry.Helper("pg_random_uuid", 1, RandomUuid);
        registry.Call("pg_lsn_mi(pg_lsn,pg_lsn)", Subtract);
        registry.Call("pg_wal_lsn_diff(pg_lsn,pg_lsn)", Subtract);
        registry.Call("pg_lsn_pli(pg_lsn,numeric)", static (in FunctionCall call) => Add(call, Position(call, 0), call.Numeric(1), 1));
        registry.Call("numeric_pl_pg_lsn(numeric,pg_lsn)", static (in FunctionCall call) => Add(call, Position(call, 1), call.Numeric(0), 1));
        registry.Call("pg_lsn_mii(pg_lsn,numeric)", static (in FunctionCall call) => Add(call, Position(call, 0), call.Numeric(1), -1));
        registry.Call("pg_lsn(numeric)", static (in FunctionCall call) => Return(call, call.Numeric(0)));
    }

    private static void RandomUuid(in FunctionCall call)
    {
        Span<byte> bytes = stackalloc byte[UuidBytes];
        call.Bytes(0).CopyTo(bytes);

        // Version 4, variant 1.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        call.ReturnText(new Guid(bytes, bigEndian: true).ToString());
    }

    private static ulong Position(in FunctionCall call, int argument) => Lsn.Parse(call.Bytes(argument));

    private static void Subtract(in FunctionCall call) =>
        call.Return(new Numeric((BigInteger)Position(call, 0) - Position(call, 1), 0));

    private static void Add(in FunctionCall call, ulong position, Numeric number, int sign)
    {
        if (number.IsNaN)
        {
            throw TypeErrors.NotSupported(sign > 0 ? "cannot add NaN to pg_lsn" : "cannot subtract NaN from pg_lsn");
        }

        var value = new Numeric(position, 0);
        Return(call, sign > 0 ? value + number : value - number);
    }

    private static void Return(in FunctionCall call, Numeric value)
    {
        if (!value.IsFinite)
        {
            throw TypeErrors.NotSupported($"cannot convert {(value.IsNaN ? "NaN" : "infinity")} to pg_lsn");
        }

        var position = value.Round(0).Digits;
        if (position.Sign < 0 || position > ulong.MaxValue)
        {
            throw new TypeException(SqlState.InvalidParameterValue, "pg_lsn out of range");
        }

        Span<byte> text = stackalloc byte[Lsn.LengthMax];
        call.ReturnText(text[..Lsn.Write(text, (ulong)position)]);
    }
}
