using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>The hash functions of types, which clients use to make keys of advisory locks and to spread rows.</summary>
internal static class HashFunctions
{
    private delegate ulong Hash(in FunctionCall call, ulong seed);

    public static void Register(FunctionRegistry registry)
    {
        Add("hashint2", "hashint2extended", "smallint", (in call, seed) => HashBytes.Of((uint)call.Integer(0), seed));
        Add("hashint4", "hashint4extended", "integer", (in call, seed) => HashBytes.Of((uint)call.Integer(0), seed));
        Add("hashoid", "hashoidextended", "oid", (in call, seed) => HashBytes.Of((uint)call.Integer(0), seed));
        Add("hashint8", "hashint8extended", "bigint", (in call, seed) => HashBytes.Of(call.Integer(0), seed));
        Add("hashfloat4", "hashfloat4extended", "real", (in call, seed) => OfDouble(call.Float4(0), seed));
        Add("hashfloat8", "hashfloat8extended", "double precision", (in call, seed) => OfDouble(call.Float8(0), seed));
        Add("hashtext", "hashtextextended", "text", (in call, seed) => HashBytes.Of(call.Bytes(0), seed));
        Add("hashname", "hashnameextended", "name", (in call, seed) => HashBytes.Of(call.Bytes(0), seed));
        Add("hashbpchar", "hashbpcharextended", "character", (in call, seed) => HashBytes.Of(call.Bytes(0).TrimEnd((byte)' '), seed));
        Add("uuid_hash", "uuid_hash_extended", "uuid", (in call, seed) => HashBytes.Of(Uuids.Parse(call.Bytes(0)).ToByteArray(bigEndian: true), seed));
        Add("timestamp_hash", "timestamp_hash_extended", "timestamp without time zone", (in call, seed) => HashBytes.Of(call.Timestamp(0), seed));
        Add("time_hash", "time_hash_extended", "time without time zone", (in call, seed) => HashBytes.Of(call.Time(0), seed));
        Add("timetz_hash", "timetz_hash_extended", "time with time zone", (in call, seed) =>
        {
            // PostgreSQL counts offsets westwards.
            var value = call.TimeTz(0);
            return HashBytes.Of(value.Time, seed) ^ HashBytes.Of((uint)-value.Offset, seed);
        });
        Add("interval_hash", "interval_hash_extended", "interval", (in call, seed) => HashBytes.Of(call.Interval(0).TotalMicroseconds, seed));

        void Add(string name, string extended, string type, Hash hash)
        {
            registry.Call($"{name}({type})", (in FunctionCall call) => call.Return((long)(int)(uint)hash(call, 0)));
            registry.Call($"{extended}({type},bigint)", (in FunctionCall call) => call.Return((long)hash(call, (ulong)call.Integer(1))));
        }
    }

    // Both zeros have one hash, and so have all NaNs.
    private static ulong OfDouble(double value, ulong seed)
    {
        if (value == 0)
        {
            return seed;
        }

        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, double.IsNaN(value) ? 0x7FF8000000000000 : BitConverter.DoubleToInt64Bits(value));
        return HashBytes.Of(bytes, seed);
    }
}
