using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>CopyOutResponse, a CopyData for each row, and CopyDone.</summary>
internal sealed class CopyOut
{
    [ThreadStatic]
    private static FrameWriter? t_frame;

    private readonly CopyOptions _options;
    private readonly CopyText _text;
    private readonly FormatSettings _settings;
    private readonly ClientEncoding _encoding;
    private readonly OutputColumn[] _columns;
    private readonly bool[] _forced;
    private readonly byte[] _null;
    private bool _headOwed;

    private CopyOut(CopyOptions options, ClientEncoding encoding, OutputColumn[] columns, bool[] forced, FormatSettings settings)
    {
        _options = options;
        _encoding = encoding;
        _columns = columns;
        _forced = forced;
        _settings = settings;
        _null = Encoding.UTF8.GetBytes(options.Null);
        _text = new CopyText(options, _null, columns.Length == 1);
        _headOwed = options.Format == CopyFormat.Binary;
    }

    /// <param name="columns">The columns; in text and csv one without a type is shown by the storage class of each value.</param>
    /// <exception cref="PgException">A column to be quoted is not among the columns of the result.</exception>
    public static CopyOut Create(CopyOptions options, ClientEncoding encoding, OutputColumn[] columns, FormatSettings settings)
    {
        var forced = new bool[columns.Length];
        if (options.ForceQuote is not { } names)
        {
            Array.Fill(forced, true);
            return new CopyOut(options, encoding, columns, forced, settings);
        }

        foreach (var name in names)
        {
            var found = false;
            for (var i = 0; i < forced.Length; i++)
            {
                var same = string.Equals(columns[i].Name, name, StringComparison.OrdinalIgnoreCase);
                forced[i] |= same;
                found |= same;
            }

            if (!found)
            {
                throw new PgException(SqlState.UndefinedColumn, $"column \"{name}\" does not exist");
            }
        }

        return new CopyOut(options, encoding, columns, forced, settings);
    }

    /// <summary>Announces the format, and sends the names of the columns if the options ask for them.</summary>
    public void Begin(IBufferWriter<byte> output)
    {
        var code = (byte)(_options.Format == CopyFormat.Binary ? 1 : 0);
        var length = 3 + (2 * _columns.Length);
        var span = BackendMessage.Start(output, (byte)'H', length);
        span[0] = code;
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)_columns.Length);
        for (var i = 0; i < _columns.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(span[(3 + (2 * i))..], code);
        }

        output.Advance(BackendMessage.HeadBytes + length);
        if (_options.Header)
        {
            WriteNames(output);
        }
    }

    /// <exception cref="TypeException">A value cannot be shown as its column's type; nothing of the row has been written.</exception>
    public void WriteRow(IBufferWriter<byte> output, RowCursor row)
    {
        var frame = t_frame ??= new FrameWriter();
        frame.Start(output, (byte)'d');
        try
        {
            if (_options.Format == CopyFormat.Binary)
            {
                WriteBinary(frame, row);
            }
            else
            {
                var start = frame.Position;
                WriteText(frame, row);
                Convert(frame, start);
            }

            frame.End();
        }
        finally
        {
            frame.Drop();
        }
    }

    public void End(IBufferWriter<byte> output)
    {
        if (_options.Format == CopyFormat.Binary)
        {
            WriteTrailer(output);
        }

        BackendMessage.WriteCopyDone(output);
    }

    private void WriteTrailer(IBufferWriter<byte> output)
    {
        var frame = t_frame ??= new FrameWriter();
        frame.Start(output, (byte)'d');
        WriteHead(frame);
        frame.WriteInt16(-1);
        frame.End();
        frame.Drop();
    }

    private void WriteNames(IBufferWriter<byte> output)
    {
        var frame = t_frame ??= new FrameWriter();
        frame.Start(output, (byte)'d');
        try
        {
            var start = frame.Position;
            for (var i = 0; i < _columns.Length; i++)
            {
                Separate(frame, i);
                _text.Write(frame, Encoding.UTF8.GetBytes(_columns[i].Name), forced: false);
            }

            frame.Write("\n"u8);
            Convert(frame, start);
            frame.End();
        }
        finally
        {
            frame.Drop();
        }
    }

    private void WriteText(FrameWriter frame, RowCursor row)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            Separate(frame, i);
            var value = row[i];
            if (value.Class == StorageClass.Null)
            {
                frame.Write(_null);
                continue;
            }

            var type = _columns[i].Written is { Oid: not 0 } known ? known : StoredTypes.Of(value.Class);
            _text.Write(frame, value, type, _forced[i], _settings, _columns[i].Names);
        }

        frame.Write("\n"u8);
    }

    // The head is in the first frame, as PostgreSQL sends it.
    private void WriteBinary(FrameWriter frame, RowCursor row)
    {
        WriteHead(frame);
        frame.WriteInt16(_columns.Length);
        for (var i = 0; i < _columns.Length; i++)
        {
            var start = frame.Position;
            BinaryFormat.Write(frame, row[i], _columns[i].Written, _columns[i].Names);
            if (_encoding.Converts)
            {
                _columns[i].Convert(frame, start, _encoding);
            }
        }

        _headOwed = false;
    }

    private void WriteHead(FrameWriter frame)
    {
        if (_headOwed)
        {
            // Signature, flags, and the length of an empty extension.
            frame.Write("PGCOPY\n"u8);
            frame.Write((ReadOnlySpan<byte>)[0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
    }

    // Delimiters and quotes are ASCII, so what they divide may be converted as one.
    private void Convert(FrameWriter frame, int start)
    {
        if (_encoding.Converts)
        {
            frame.ConvertFrom(start, _encoding);
        }
    }

    private void Separate(FrameWriter frame, int column)
    {
        if (column > 0)
        {
            frame.GetSpan(1)[0] = _options.Delimiter;
            frame.Advance(1);
        }
    }
}
