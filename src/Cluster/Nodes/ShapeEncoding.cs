using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Bytes of <see cref="NodeRequestKind.Describe"/>: the request (options, SQL) and its answer.</summary>
internal static class ShapeEncoding
{
    private const byte Version = 2;
    private const int ColumnBytesMin = 4 + 3;

    public static void WriteRequest(IBufferWriter<byte> output, ReadOnlySpan<byte> sql, BatchOptions options)
    {
        output.WriteByte(Version);
        output.WriteByte((byte)options);
        output.WriteBytes(sql);
    }

    public static (ReadOnlyMemory<byte> Sql, BatchOptions Options) ReadRequest(ReadOnlyMemory<byte> body)
    {
        var reader = Open(body);
        var options = LogCommandEncoding.CheckOptions(reader.ReadByte());
        var sql = reader.ReadBytes();
        reader.End();
        return (sql, options);
    }

    public static void WriteShape(IBufferWriter<byte> output, StatementShape shape)
    {
        output.WriteByte(Version);
        ErrorEncoding.Write(output, shape.Error);

        output.WriteBoolean(shape.ReadOnly);
        output.WriteByte((byte)shape.Effects);
        output.WriteBoolean(shape.Explain);
        output.WriteBoolean(shape.Empty);
        output.WriteInt32(shape.TailOffset);
        output.WriteInt64(shape.SchemaVersion);
        output.WriteInt32(shape.ParameterNames.Count);
        foreach (var name in shape.ParameterNames)
        {
            output.WriteOptionalString(name);
        }

        output.WriteInt32(shape.Rows.Columns.Count);
        foreach (var column in shape.Rows.Columns)
        {
            output.WriteString(column.Name);
            output.WriteOptionalString(column.DeclaredType);
            output.WriteOptionalString(column.Table);
            output.WriteOptionalString(column.Origin);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are not such an answer.</exception>
    public static StatementShape ReadShape(ReadOnlyMemory<byte> body)
    {
        var reader = Open(body);
        var error = ErrorEncoding.Read(ref reader);

        var readOnly = reader.ReadBoolean();
        var effects = (StatementEffects)reader.ReadByte();
        var explain = reader.ReadBoolean();
        var empty = reader.ReadBoolean();
        var tail = reader.ReadInt32();
        var schemaVersion = reader.ReadInt64();
        var names = new string?[reader.ReadCount(1)];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = reader.ReadOptionalString();
        }

        var columns = new Column[reader.ReadCount(ColumnBytesMin)];
        for (var i = 0; i < columns.Length; i++)
        {
            var name = reader.ReadString();
            var declared = reader.ReadOptionalString();
            var table = reader.ReadOptionalString();
            columns[i] = new(name, declared, table, reader.ReadOptionalString());
        }

        reader.End();
        return new(error, readOnly, explain, empty, names, columns.Length == 0 ? RowSchema.Empty : new(columns), tail) 
        {
            Effects = effects,
            SchemaVersion = schemaVersion,
        };
    }

    private static FieldReader Open(ReadOnlyMemory<byte> body)
    {
        var reader = new FieldReader(body);
        var version = reader.ReadByte();
        return version == Version
            ? reader
            : throw new InvalidDataException($"A description has format {version}; this node knows {Version}.");
    }
}
