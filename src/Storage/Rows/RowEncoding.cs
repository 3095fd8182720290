using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>Kinds of chunk. The values are part of the node protocol and of stored results.</summary>
public enum RowChunkKind : byte
{
    Schema = 1,
    Row = 2,
    Outcome = 3,
}

/// <summary>
/// The one row format, for buffers and for the node port. A result is a Schema chunk, any number of Row chunks and an Outcome chunk;
/// results follow one another. A chunk is its kind (1 byte), the length of its body (int32) and the body; numbers are little-endian.
/// Schema: int32 count, then per column name, declared type, table and origin, each int32 length (-1 for null) and UTF-8.
/// Row: per column the storage class (1 byte) and 8 bytes of a number or int32 length and bytes.
/// Outcome: flags (1 read-only, 2 error, 4 effects, 8 details), rows affected, last rowid, elapsed ticks (int64 each), for an error code, offset (int32) and
/// message, and for effects what <see cref="SessionEffects"/> holds: the sequence drawn
/// from last (int64), int32 count, then id, last, cached, increment (int64 each) and name;
/// then a byte, 1 if what <see cref="LockEffects"/> holds follows: two int32 (counts of locks by level), the last ticket (int64), int32 count
/// of tickets, tickets (int64), int32 count of warnings, and each of them; at last, for details of an error, its SQLSTATE, detail and hint.
/// </summary>
public static class RowEncoding
{
    public const int HeadLength = 5;

    /// <summary>The offset of the elapsed time in an Outcome chunk.</summary>
    internal const int ElapsedOffset = HeadLength + 1 + 8 + 8;

    /// <summary>The offset of the last rowid in an Outcome chunk.</summary>
    internal const int LastRowIdOffset = HeadLength + 1 + 8;

    private const byte ReadOnlyFlag = 1;
    private const byte ErrorFlag = 2;
    private const byte EffectsFlag = 4;
    private const byte DetailsFlag = 8;

    public static void WriteSchema(IBufferWriter<byte> output, RowSchema schema)
    {
        var length = 4;
        foreach (var column in schema.Columns)
        {
            length += TextLength(column.Name) + TextLength(column.DeclaredType) + TextLength(column.Table) + TextLength(column.Origin);
        }

        var span = WriteHead(output, RowChunkKind.Schema, length);
        WriteInt32(ref span, schema.Columns.Count);
        foreach (var column in schema.Columns)
        {
            WriteText(ref span, column.Name);
            WriteText(ref span, column.DeclaredType);
            WriteText(ref span, column.Table);
            WriteText(ref span, column.Origin);
        }

        output.Advance(HeadLength + length);
    }

    /// <summary>Writes the current row of a cursor whose schema has <paramref name="columnCount"/> columns.</summary>
    public static void WriteRow(IBufferWriter<byte> output, RowCursor row, int columnCount)
    {
        var length = 0;
        for (var i = 0; i < columnCount; i++)
        {
            length += ValueLength(row[i]);
        }

        var span = WriteHead(output, RowChunkKind.Row, length);
        for (var i = 0; i < columnCount; i++)
        {
            WriteValue(ref span, row[i]);
        }

        output.Advance(HeadLength + length);
    }

    internal static void WriteRow(IBufferWriter<byte> output, StatementHandle row)
    {
        var length = 0;
        for (var i = 0; i < row.ColumnCount; i++)
        {
            length += ValueLength(row[i]);
        }

        var span = WriteHead(output, RowChunkKind.Row, length);
        for (var i = 0; i < row.ColumnCount; i++)
        {
            WriteValue(ref span, row[i]);
        }

        output.Advance(HeadLength + length);
    }

    public static void WriteOutcome(IBufferWriter<byte> output, in StatementOutcome outcome)
    {
        var length = 1 + 8 + 8 + 8 + (outcome.Error is null ? 0 : 4 + 4 + TextLength(outcome.Error.Message))
            + (outcome.Effects is null ? 0 : LengthOf(outcome.Effects))
            + (HasDetails(outcome) ? TextLength(outcome.Error!.SqlState) + TextLength(outcome.Error.Detail) + TextLength(outcome.Error.Hint) : 0);
        var span = WriteHead(output, RowChunkKind.Outcome, length);
        span[0] = (byte)((outcome.ReadOnly ? ReadOnlyFlag : 0) | (outcome.Error is null ? 0 : ErrorFlag)
            | (outcome.Effects is null ? 0 : EffectsFlag) | (HasDetails(outcome) ? DetailsFlag : 0));
        span = span[1..];
        WriteInt64(ref span, outcome.RowsAffected);
        WriteInt64(ref span, outcome.LastInsertRowId);
        WriteInt64(ref span, outcome.Elapsed.Ticks);
        if (outcome.Error is { } error)
        {
            WriteInt32(ref span, error.ResultCode);
            WriteInt32(ref span, error.Offset);
            WriteText(ref span, error.Message);
        }

        if (outcome.Effects is { } effects)
        {
            WriteEffects(ref span, effects);
        }

        if (HasDetails(outcome))
        {
            WriteText(ref span, outcome.Error!.SqlState);
            WriteText(ref span, outcome.Error.Detail);
            WriteText(ref span, outcome.Error.Hint);
        }

        output.Advance(HeadLength + length);
    }

    private static bool HasDetails(in StatementOutcome outcome) => outcome.Error?.SqlState is not null;

    private static int LengthOf(SessionEffects effects)
    {
        var length = 8 + 4;
        foreach (var value in effects.Sequences)
        {
            length += 8 + 8 + 8 + 8 + TextLength(value.Name);
        }

        return length + 1 + (effects.Locks is null ? 0 : LengthOf(effects.Locks));
    }

    private static int LengthOf(LockEffects locks)
    {
        var length = (4 * 4) + 8 + (8 * locks.Waiting.Count);
        foreach (var warning in locks.Warnings)
        {
            length += TextLength(warning);
        }

        return length;
    }

    private static void WriteLocks(ref Span<byte> span, LockEffects locks)
    {
        WriteInt32(ref span, locks.OfSession);
        WriteInt32(ref span, locks.OfTransaction);
        WriteInt64(ref span, locks.LastTicket);
        WriteInt32(ref span, locks.Waiting.Count);
        foreach (var ticket in locks.Waiting)
        {
            WriteInt64(ref span, ticket);
        }

        WriteInt32(ref span, locks.Warnings.Count);
        foreach (var warning in locks.Warnings)
        {
            WriteText(ref span, warning);
        }
    }

    private static LockEffects ReadLocks(ref ReadOnlySpan<byte> body)
    {
        var (ofSession, ofTransaction, last) = (ReadInt32(ref body), ReadInt32(ref body), ReadInt64(ref body));
        var waiting = new long[ReadCount(ref body, 8)];
        for (var i = 0; i < waiting.Length; i++)
        {
            waiting[i] = ReadInt64(ref body);
        }

        var warnings = new string[ReadCount(ref body, 4)];
        for (var i = 0; i < warnings.Length; i++)
        {
            warnings[i] = ReadText(ref body) ?? "";
        }

        return new LockEffects(ofSession, ofTransaction, last, waiting, warnings);
    }

    private static int ReadCount(ref ReadOnlySpan<byte> body, int bytesEach)
    {
        var count = ReadInt32(ref body);
        return (uint)count <= (uint)(body.Length / bytesEach)
            ? count
            : throw new InvalidDataException("An outcome names more effects than it holds.");
    }

    private static void WriteEffects(ref Span<byte> span, SessionEffects effects)
    {
        WriteInt64(ref span, effects.LastSequence);
        WriteInt32(ref span, effects.Sequences.Count);
        foreach (var value in effects.Sequences)
        {
            WriteInt64(ref span, value.Id);
            WriteInt64(ref span, value.Last);
            WriteInt64(ref span, value.Cached);
            WriteInt64(ref span, value.Increment);
            WriteText(ref span, value.Name);
        }

        span[0] = effects.Locks is null ? (byte)0 : (byte)1;
        span = span[1..];
        if (effects.Locks is { } locks)
        {
            WriteLocks(ref span, locks);
        }
    }

    private static SessionEffects ReadEffects(ref ReadOnlySpan<byte> body)
    {
        var lastSequence = ReadInt64(ref body);
        var values = new SequenceValue[ReadCount(ref body, 36)];
        for (var i = 0; i < values.Length; i++)
        {
            var (id, last) = (ReadInt64(ref body), ReadInt64(ref body));
            var (cached, increment) = (ReadInt64(ref body), ReadInt64(ref body));
            values[i] = new SequenceValue(id, ReadText(ref body) ?? "", last, cached, increment);
        }

        return new SessionEffects(values, lastSequence) { Locks = Take(ref body, 1)[0] != 0 ? ReadLocks(ref body) : null };
    }

    /// <summary>Reads the head of the chunk at the beginning of <paramref name="bytes"/>; false if there is none.</summary>
    /// <exception cref="InvalidDataException">The bytes are not whole chunks.</exception>
    public static bool TryReadChunk(ReadOnlyMemory<byte> bytes, out RowChunkKind kind, out ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> rest)
    {
        if (bytes.IsEmpty)
        {
            (kind, body, rest) = (default, default, default);
            return false;
        }

        var span = bytes.Span;
        if (span.Length < HeadLength)
        {
            throw new InvalidDataException("A row chunk ends within its head.");
        }

        kind = (RowChunkKind)span[0];
        var length = BinaryPrimitives.ReadInt32LittleEndian(span[1..]);
        if ((uint)length > (uint)(span.Length - HeadLength) || kind is < RowChunkKind.Schema or > RowChunkKind.Outcome)
        {
            throw new InvalidDataException($"A row chunk of kind {(byte)kind} and length {length} is not valid here.");
        }

        body = bytes.Slice(HeadLength, length);
        rest = bytes[(HeadLength + length)..];
        return true;
    }

    public static RowSchema ReadSchema(ReadOnlySpan<byte> body)
    {
        var count = ReadInt32(ref body);
        if (count == 0)
        {
            return RowSchema.Empty;
        }

        if ((uint)count > (uint)(body.Length / 16))
        {
            throw new InvalidDataException("A schema chunk names more columns than it holds.");
        }

        var columns = new Column[count];
        for (var i = 0; i < count; i++)
        {
            columns[i] = new Column(ReadText(ref body) ?? "", ReadText(ref body), ReadText(ref body), ReadText(ref body));
        }

        return new RowSchema(columns);
    }

    public static StatementOutcome ReadOutcome(ReadOnlySpan<byte> body)
    {
        var flags = Take(ref body, 1)[0];
        var rowsAffected = ReadInt64(ref body);
        var lastInsertRowId = ReadInt64(ref body);
        var elapsed = new TimeSpan(ReadInt64(ref body));
        StatementError? error = null;
        if ((flags & ErrorFlag) != 0)
        {
            var code = ReadInt32(ref body);
            var offset = ReadInt32(ref body);
            error = FormerErrorCodes.Read(code, ReadText(ref body) ?? "", offset);
        }

        var effects = (flags & EffectsFlag) != 0 ? ReadEffects(ref body) : null;
        if (error is not null && (flags & DetailsFlag) != 0)
        {
            error = error with { SqlState = ReadText(ref body), Detail = ReadText(ref body), Hint = ReadText(ref body) };
        }

        return new StatementOutcome((flags & ReadOnlyFlag) != 0, rowsAffected, lastInsertRowId, elapsed, error) { Effects = effects };
    }

    /// <summary>Finds where each value of a row chunk begins.</summary>
    internal static void ReadRow(ReadOnlySpan<byte> body, Span<int> offsets)
    {
        var rest = body;
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = body.Length - rest.Length;
            _ = ReadValue(ref rest);
        }

        if (!rest.IsEmpty)
        {
            throw new InvalidDataException("A row chunk holds more values than its schema has columns.");
        }
    }

    internal static SqliteValue ReadValue(scoped ref ReadOnlySpan<byte> body)
    {
        var storageClass = (StorageClass)Take(ref body, 1)[0];
        return storageClass switch
        {
            StorageClass.Integer => SqliteValue.FromInteger(ReadInt64(ref body)),
            StorageClass.Real => SqliteValue.FromReal(BitConverter.Int64BitsToDouble(ReadInt64(ref body))),
            StorageClass.Text => SqliteValue.FromText(Take(ref body, ReadInt32(ref body))),
            StorageClass.Blob => SqliteValue.FromBlob(Take(ref body, ReadInt32(ref body))),
            StorageClass.Null => SqliteValue.Null,
            _ => throw new InvalidDataException($"Unknown storage class {(byte)storageClass}."),
        };
    }

    private static int ValueLength(SqliteValue value) => value.Class switch
    {
        StorageClass.Integer or StorageClass.Real => 9,
        StorageClass.Text or StorageClass.Blob => 5 + value.Bytes.Length,
        _ => 1,
    };

    private static void WriteValue(ref Span<byte> span, SqliteValue value)
    {
        span[0] = (byte)value.Class;
        span = span[1..];
        switch (value.Class)
        {
            case StorageClass.Integer:
                WriteInt64(ref span, value.Integer);
                break;
            case StorageClass.Real:
                WriteInt64(ref span, BitConverter.DoubleToInt64Bits(value.Real));
                break;
            case StorageClass.Text:
            case StorageClass.Blob:
                WriteInt32(ref span, value.Bytes.Length);
                value.Bytes.CopyTo(span);
                span = span[value.Bytes.Length..];
                break;
        }
    }

    private static Span<byte> WriteHead(IBufferWriter<byte> output, RowChunkKind kind, int length)
    {
        var span = output.GetSpan(HeadLength + length);
        span[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(span[1..], length);
        return span[HeadLength..];
    }

    private static int TextLength(string? text) => 4 + (text is null ? 0 : Encoding.UTF8.GetByteCount(text));

    private static void WriteText(ref Span<byte> span, string? text)
    {
        if (text is null)
        {
            WriteInt32(ref span, -1);
            return;
        }

        var length = Encoding.UTF8.GetBytes(text, span[4..]);
        WriteInt32(ref span, length);
        span = span[length..];
    }

    private static void WriteInt32(ref Span<byte> span, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(span, value);
        span = span[4..];
    }

    private static void WriteInt64(ref Span<byte> span, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(span, value);
        span = span[8..];
    }

    private static string? ReadText(ref ReadOnlySpan<byte> body)
    {
        var length = ReadInt32(ref body);
        return length == -1 ? null : Encoding.UTF8.GetString(Take(ref body, length));
    }

    private static int ReadInt32(scoped ref ReadOnlySpan<byte> body) => BinaryPrimitives.ReadInt32LittleEndian(Take(ref body, 4));

    private static long ReadInt64(scoped ref ReadOnlySpan<byte> body) => BinaryPrimitives.ReadInt64LittleEndian(Take(ref body, 8));

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> body, int length)
    {
        if ((uint)length > (uint)body.Length)
        {
            throw new InvalidDataException("A row chunk ends early.");
        }

        var taken = body[..length];
        body = body[length..];
        return taken;
    }
}
