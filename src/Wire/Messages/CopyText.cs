using System.Buffers;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>A value in COPY's text or csv: escaped with backslashes, or quoted.</summary>
internal sealed class CopyText
{
    private const int LengthBytes = 4;
    private const int ScratchKeptMax = 1 << 20;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_scratch;

    private readonly bool _csv;
    private readonly bool _alone;
    private readonly byte _quote;
    private readonly byte _escape;
    private readonly byte[] _null;
    private readonly SearchValues<byte> _special;
    private readonly SearchValues<byte> _escaped;

    /// <param name="alone">The row has no other column.</param>
    public CopyText(CopyOptions options, byte[] nullText, bool alone)
    {
        _csv = options.Format == CopyFormat.Csv;
        _alone = alone;
        _null = nullText;
        (_quote, _escape) = (options.Quote, options.Escape);
        _special = SearchValues.Create([options.Delimiter, options.Quote, (byte)'\n', (byte)'\r']);
        _escaped = _csv
            ? SearchValues.Create([options.Quote, options.Escape])
            : SearchValues.Create([options.Delimiter, (byte)'\\', .. "\b\f\n\r\t\v"u8]);
    }

    public void Write(FrameWriter frame, in SqliteValue value, PgType type, bool forced, FormatSettings settings, IObjectNames? names)
    {
        if (value.Class == StorageClass.Text && type.Oid is PgTypes.Text or PgTypes.VarChar)
        {
            Write(frame, TypeErrors.RequireText(value.Bytes), forced);
            return;
        }

        // The escaped text may have to grow, so it is built outside the frame.
        var scratch = t_scratch ??= new ArrayBufferWriter<byte>(256);
        scratch.ResetWrittenCount();
        try
        {
            TextFormat.Write(scratch, value, type, settings, names);
            Write(frame, scratch.WrittenSpan[LengthBytes..], forced);
        }
        finally
        {
            if (scratch.Capacity > ScratchKeptMax)
            {
                t_scratch = null;
            }
        }
    }

    public void Write(FrameWriter frame, ReadOnlySpan<byte> text, bool forced)
    {
        if (!_csv)
        {
            WriteEscaped(frame, text);
        }
        else if (forced || text.SequenceEqual(_null) || text.ContainsAny(_special) || (_alone && text.SequenceEqual("\\."u8)))
        {
            WriteByte(frame, _quote);
            WriteQuoted(frame, text);
            WriteByte(frame, _quote);
        }
        else
        {
            frame.Write(text);
        }
    }

    private void WriteEscaped(FrameWriter frame, ReadOnlySpan<byte> text)
    {
        for (var at = text.IndexOfAny(_escaped); at >= 0; at = text.IndexOfAny(_escaped))
        {
            frame.Write(text[..at]);
            var pair = frame.GetSpan(2);
            pair[0] = (byte)'\\';
            pair[1] = text[at] switch
            {
                (byte)'\b' => (byte)'b',
                (byte)'\f' => (byte)'f',
                (byte)'\n' => (byte)'n',
                (byte)'\r' => (byte)'r',
                (byte)'\t' => (byte)'t',
                (byte)'\v' => (byte)'v',
                var other => other,
            };
            frame.Advance(2);
            text = text[(at + 1)..];
        }

        frame.Write(text);
    }

    private void WriteQuoted(FrameWriter frame, ReadOnlySpan<byte> text)
    {
        for (var at = text.IndexOfAny(_escaped); at >= 0; at = text.IndexOfAny(_escaped))
        {
            frame.Write(text[..at]);
            var pair = frame.GetSpan(2);
            (pair[0], pair[1]) = (_escape, text[at]);
            frame.Advance(2);
            text = text[(at + 1)..];
        }

        frame.Write(text);
    }

    private static void WriteByte(FrameWriter frame, byte value)
    {
        frame.GetSpan(1)[0] = value;
        frame.Advance(1);
    }
}
