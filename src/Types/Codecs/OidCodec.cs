using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>oid, xid, cid and the reg types: stored as integers from 0 to 4294967295. The reg types' text is a name, if a catalog is given.</summary>
internal sealed class OidCodec(PgTypeInfo info) : Codec
{
    private readonly bool _named = info.InputFunction.StartsWith("reg", StringComparison.Ordinal);

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output)
    {
        if (!_named)
        {
            output.SetInteger(info.Oid == PgTypes.Oid ? Integers.ParseOid(text) : (uint)Integers.ParseUnsigned(text));
        }
        else if (text.SequenceEqual("-"u8))
        {
            output.SetInteger(0);
        }
        else if (!text.IsEmpty && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            output.SetInteger(Integers.ParseOid(text));
        }
        else
        {
            var name = Encoding.UTF8.GetString(text);
            output.SetInteger(context.Names?.Find(info.Oid, name) ?? throw NotFound(name));
        }
    }

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var oid = Read(value);
        if (_named && oid == 0)
        {
            output.Write("-"u8);
        }
        else if (_named && context.Names?.NameOf(info.Oid, oid) is { } name)
        {
            output.Write(Encoding.UTF8.GetBytes(name));
        }
        else
        {
            _ = Utf8Formatter.TryFormat(oid, output.GetSpan(10), out var length);
            output.Advance(length);
        }
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        output.SetInteger(BinaryPrimitives.ReadUInt32BigEndian(Binary.Exact(data, 4)));

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Binary.WriteInt32(output, unchecked((int)Read(value)));

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Read(left).CompareTo(Read(right));

    private uint Read(in SqliteValue value) => Stored.Integer(value, info.SqlName) is >= 0 and <= uint.MaxValue and var oid
        ? (uint)oid
        : throw TypeErrors.Overflow("OID");

    private TypeException NotFound(string name) => info.Oid switch
    {
        PgTypes.RegClass => new(SqlState.UndefinedTable, $"relation \"{name}\" does not exist"),
        PgTypes.RegType => new(SqlState.UndefinedObject, $"type \"{name}\" does not exist"),
        PgTypes.RegNamespace => new(SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist"),
        PgTypes.RegRole => new(SqlState.UndefinedObject, $"role \"{name}\" does not exist"),
        PgTypes.RegProc or PgTypes.RegProcedure => new(SqlState.UndefinedFunction, $"function \"{name}\" does not exist"),
        PgTypes.RegOper or PgTypes.RegOperator => new(SqlState.UndefinedFunction, $"operator does not exist: {name}"),
        PgTypes.RegCollation => new(SqlState.UndefinedObject, $"collation \"{name}\" for encoding \"UTF8\" does not exist"),
        _ => new(SqlState.UndefinedObject, $"text search object \"{name}\" does not exist"),
    };
}
