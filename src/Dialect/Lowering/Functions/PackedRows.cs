using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// <c>pg_rows(n, packed, …)</c>: the rows that <c>pg_pack</c> has put into one value, n columns each, side by side if there are several, until the
/// longest ends. The columns are v1 and up, and <c>ordinal</c> counts the rows from 1.
/// </summary>
internal sealed class PackedRows() : SqlTable("pg_rows", TableColumns)
{
    private const int ColumnsMax = 256;
    private const byte NullTag = 0;
    private const byte IntegerTag = 1;
    private const byte RealTag = 2;
    private const byte TextTag = 3;
    private const byte BlobTag = 4;

    public static readonly SqlTableColumn[] TableColumns =
        [.. Enumerable.Range(1, ColumnsMax).Select(i => new SqlTableColumn($"v{i}", "")), new SqlTableColumn("ordinal", "INTEGER")];

    public override int Arguments => -1;

    public override int ArgumentsMax => 64;

    public override long Rows => 10;

    public override SqlRowScan Scan(int key, in FunctionCall call)
    {
        var parts = new Part[call.Count / 2];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = new Part((int)call.Integer(2 * i), call.IsNull((2 * i) + 1) ? [] : call.Bytes((2 * i) + 1).ToArray());
        }

        return new RowScan(parts);
    }

    /// <summary>The rows of one packed value.</summary>
    public static SqlRowScan Scan(int width, byte[] rows) => new RowScan([new Part(width, rows)]);

    /// <summary>Appends a value: its class, the length of what has one, its bytes.</summary>
    public static void Append(in SqliteValue value, IBufferWriter<byte> output)
    {
        switch (value.Class)
        {
            case StorageClass.Integer:
                var integer = output.GetSpan(9);
                integer[0] = IntegerTag;
                BinaryPrimitives.WriteInt64LittleEndian(integer[1..], value.Integer);
                output.Advance(9);
                break;
            case StorageClass.Real:
                var real = output.GetSpan(9);
                real[0] = RealTag;
                BinaryPrimitives.WriteDoubleLittleEndian(real[1..], value.Real);
                output.Advance(9);
                break;
            case StorageClass.Null:
                output.Write([NullTag]);
                break;
            default:
                var head = output.GetSpan(5);
                head[0] = value.Class == StorageClass.Text ? TextTag : BlobTag;
                BinaryPrimitives.WriteInt32LittleEndian(head[1..], value.Bytes.Length);
                output.Advance(5);
                output.Write(value.Bytes);
                break;
        }
    }

    /// <summary>The aggregate pg_pack.</summary>
    internal sealed class Packing : SqlAggregateState
    {
        private readonly ArrayBufferWriter<byte> _rows = new();

        public override void Step(in FunctionCall call)
        {
            for (var i = 0; i < call.Count; i++)
            {
                Append(call.Value(i), _rows);
            }
        }

        public override void Answer(in FunctionCall call)
        {
            if (_rows.WrittenCount > 0)
            {
                call.ReturnBlob(_rows.WrittenSpan);
            }
        }
    }

    private sealed class Part(int width, byte[] rows)
    {
        private readonly int[] _places = new int[width];
        private int _next;

        public int Width => width;

        /// <summary>The row has ended; all its columns are null from here on.</summary>
        public bool Ended { get; private set; }

        public bool Read()
        {
            if (_next >= rows.Length)
            {
                Ended = true;
                return false;
            }

            for (var i = 0; i < width; i++)
            {
                _places[i] = _next;
                _next += rows[_next] switch
                {
                    NullTag => 1,
                    IntegerTag or RealTag => 9,
                    _ => 5 + BinaryPrimitives.ReadInt32LittleEndian(rows.AsSpan(_next + 1)),
                };
            }

            if (width == 0)
            {
                // Rows without columns are packed as a number each.
                _next += 9;
            }

            return true;
        }

        public void Answer(int column, in FunctionCall answer)
        {
            var value = rows.AsSpan(_places[column]);
            switch (value[0])
            {
                case IntegerTag:
                    answer.Return(BinaryPrimitives.ReadInt64LittleEndian(value[1..]));
                    break;
                case RealTag:
                    answer.Return(BinaryPrimitives.ReadDoubleLittleEndian(value[1..]));
                    break;
                case TextTag:
                    answer.ReturnText(value.Slice(5, BinaryPrimitives.ReadInt32LittleEndian(value[1..])));
                    break;
                case BlobTag:
                    answer.ReturnBlob(value.Slice(5, BinaryPrimitives.ReadInt32LittleEndian(value[1..])));
                    break;
                default:
                    answer.ReturnNull();
                    break;
            }
        }
    }

    private sealed class RowScan(Part[] parts) : SqlRowScan
    {
        private long _ordinal;

        public override bool Read()
        {
            var any = false;
            foreach (var part in parts)
            {
                any |= part.Read();
            }

            _ordinal++;
            return any;
        }

        public override void Column(int column, in FunctionCall answer)
        {
            if (column == ColumnsMax)
            {
                answer.Return(_ordinal);
                return;
            }

            foreach (var part in parts)
            {
                if (column < part.Width)
                {
                    if (!part.Ended)
                    {
                        part.Answer(column, answer);
                    }

                    return;
                }

                column -= part.Width;
            }
        }
    }
}
