using System.Text;
using System.Text.Unicode;

namespace Rqlite.Pg.Storage;

/// <summary>Reads the bytes of a value of the current row anew: they stay where they are, but no span outlives a wait.</summary>
internal delegate ReadOnlySpan<byte> ValueBytes();

/// <summary>Gathers the text of a dump and sends it in pieces; a long value goes out piece by piece.</summary>
internal sealed class DumpOutput(Stream destination)
{
    private const int SendLength = 64 << 10;
    private const int PieceLength = 16 << 10;

    private byte[] _buffer = new byte[2 * SendLength];
    private int _length;

    public void Text(string text)
    {
        var space = Space(Encoding.UTF8.GetMaxByteCount(text.Length));
        _length += Encoding.UTF8.GetBytes(text, space);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Space(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>True for bytes that can stand between quotes.</summary>
    public bool IsText(ReadOnlySpan<byte> bytes) => !bytes.Contains((byte)0) && Utf8.IsValid(bytes);

    public async ValueTask QuotedAsync(ValueBytes value, CancellationToken token)
    {
        Bytes("'"u8);
        for (var at = 0; Quote(value(), ref at);)
        {
            await FlushIfLargeAsync(token).ConfigureAwait(false);
        }

        Bytes("'"u8);
    }

    public async ValueTask HexAsync(ValueBytes value, CancellationToken token)
    {
        Bytes("X'"u8);
        for (var at = 0; Hex(value(), ref at);)
        {
            await FlushIfLargeAsync(token).ConfigureAwait(false);
        }

        Bytes("'"u8);
    }

    public ValueTask FlushIfLargeAsync(CancellationToken token) => _length >= SendLength ? FlushAsync(token) : ValueTask.CompletedTask;

    public async ValueTask FlushAsync(CancellationToken token)
    {
        await destination.WriteAsync(_buffer.AsMemory(0, _length), token).ConfigureAwait(false);
        _length = 0;
    }

    /// <summary>Writes a piece; false at the end.</summary>
    private bool Quote(ReadOnlySpan<byte> value, ref int at)
    {
        var piece = value.Slice(at, Math.Min(PieceLength, value.Length - at));
        at += piece.Length;
        while (piece.IndexOf((byte)'\'') is >= 0 and var quote)
        {
            Bytes(piece[..(quote + 1)]);
            Bytes("'"u8);
            piece = piece[(quote + 1)..];
        }

        Bytes(piece);
        return at < value.Length;
    }

    private bool Hex(ReadOnlySpan<byte> value, ref int at)
    {
        var piece = value.Slice(at, Math.Min(PieceLength, value.Length - at));
        at += piece.Length;
        Convert.TryToHexString(piece, Space(2 * piece.Length), out var written);
        _length += written;
        return at < value.Length;
    }

    private Span<byte> Space(int length)
    {
        if (_buffer.Length - _length < length)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + length));
        }

        return _buffer.AsSpan(_length);
    }
}
