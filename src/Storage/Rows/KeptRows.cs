using System.Buffers;

namespace Rqlite.Pg.Storage;

/// <summary>Rows of a result that are kept to be looked at again, in any order.</summary>
public sealed class KeptRows(RowSchema schema)
{
    // An array and its place in the list.
    private const int RowBytes = 40;

    private readonly List<byte[]> _rows = [];
    private readonly ArrayBufferWriter<byte> _scratch = new();

    public int Count => _rows.Count;

    /// <summary>The memory of the rows.</summary>
    public long Bytes { get; private set; }

    /// <summary>Keeps the row on which a cursor stands.</summary>
    public void Add(RowCursor row)
    {
        ArgumentNullException.ThrowIfNull(row);
        _scratch.ResetWrittenCount();
        RowEncoding.WriteRow(_scratch, row, schema.Columns.Count);
        _rows.Add(_scratch.WrittenSpan[RowEncoding.HeadLength..].ToArray());
        Bytes += RowBytes + _scratch.WrittenCount;
    }

    /// <summary>A cursor that stands on a row.</summary>
    /// <param name="index">From 0.</param>
    public RowCursor this[int index] => new KeptRow(schema, _rows[index]);

    private sealed class KeptRow : RowCursor
    {
        private readonly byte[] _values;
        private readonly int[] _offsets;

        public KeptRow(RowSchema schema, byte[] values)
        {
            Schema = schema;
            _values = values;
            _offsets = new int[schema.Columns.Count];
            RowEncoding.ReadRow(values, _offsets);
        }

        public override RowSchema Schema { get; }

        public override StatementOutcome Outcome => throw new InvalidOperationException("A kept row is no whole result.");

        public override SqliteValue this[int ordinal]
        {
            get
            {
                ReadOnlySpan<byte> value = _values.AsSpan(_offsets[ordinal]);
                return RowEncoding.ReadValue(ref value);
            }
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken token) => new(false);

        public override bool TryRead() => false;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
