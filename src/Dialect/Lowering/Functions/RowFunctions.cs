using System.Buffers;
using System.Globalization;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Functions over whole rows: their version and place, their JSON, a key of them.</summary>
internal static class RowFunctions
{
    private const int RowsPerPage = 1 << 16;

    public static void Register(FunctionRegistry registry)
    {
        registry.Helper("pg_row_tid", 1, Tid);
        registry.Helper("pg_row_version", -1, Version, strict: false);
        registry.Helper("pg_row_key", -1, Key, strict: false);
        registry.Helper("pg_json_row", -1, Json, strict: false);
    }

    /// <summary>The rowid as a ctid, which counts rows of a page from 1.</summary>
    private static void Tid(in FunctionCall call)
    {
        var row = call.Integer(0);
        call.ReturnText(string.Create(CultureInfo.InvariantCulture, $"({row / (RowsPerPage - 1)},{(row % (RowsPerPage - 1)) + 1})"));
    }

    /// <summary>A number that changes when the row does, for xmin: 32 bits of a hash (FNV-1a) over its values.</summary>
    private static void Version(in FunctionCall call)
    {
        var hash = 14695981039346656037UL;
        void Add(ReadOnlySpan<byte> bytes)
        {
            foreach (var b in bytes)
            {
                hash = (hash ^ b) * 1099511628211UL;
            }
        }

        Span<byte> number = stackalloc byte[8];
        for (var i = 0; i < call.Count; i++)
        {
            var value = call.Value(i);
            Add([(byte)value.Class]);
            switch (value.Class)
            {
                case StorageClass.Integer:
                    System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(number, value.Integer);
                    Add(number);
                    break;
                case StorageClass.Real:
                    System.Buffers.Binary.BinaryPrimitives.WriteDoubleLittleEndian(number, value.Real);
                    Add(number);
                    break;
                case StorageClass.Null:
                    break;
                default:
                    System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(number, value.Bytes.Length);
                    Add(number);
                    Add(value.Bytes);
                    break;
            }
        }

        // Numbers below 3 mean special transactions to clients.
        call.Return((long)(uint)((hash >> 32) ^ hash) | 4);
    }

    private static void Key(in FunctionCall call)
    {
        var key = Arguments.TakeBuffer();
        for (var i = 0; i < call.Count; i++)
        {
            PackedRows.Append(call.Value(i), key);
        }

        call.ReturnBlob(key.WrittenSpan);
    }

    /// <summary>For each field its name and the JSON text of its value, null for null.</summary>
    private static void Json(in FunctionCall call)
    {
        var output = Arguments.TakeBuffer();
        output.Write("{"u8);
        for (var i = 0; i + 1 < call.Count; i += 2)
        {
            output.Write(i > 0 ? ","u8 : default);
            JsonText.WriteString(call.Bytes(i), output);
            output.Write(":"u8);
            output.Write(call.IsNull(i + 1) ? "null"u8 : call.Bytes(i + 1));
        }

        output.Write("}"u8);
        call.ReturnText(output.WrittenSpan);
    }
}
