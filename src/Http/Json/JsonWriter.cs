using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using System.Text.Unicode;

namespace Rqlite.Pg.Http;

/// <summary>
/// Writes JSON as Go's encoder does, byte for byte: escapes, numbers, and four spaces of indentation when asked for. It writes into
/// a pooled buffer that its owner sends off and empties between rows, so that nothing is sent before it is known to be right.
/// </summary>
internal sealed class JsonWriter(bool pretty) : IDisposable
{
    private const int DepthMax = 64;
    private static readonly SearchValues<byte> s_suspicious = SearchValues.Create(
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
        (byte)'"', (byte)'\\', (byte)'<', (byte)'>', (byte)'&', 0xE2,
    ]);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private ulong _objects;
    private int _length;
    private int _depth;
    private bool _hasItems;
    private bool _named;

    /// <summary>The bytes that were written and not yet sent.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public int Length => _length;

    /// <summary>A point to come back to, while nothing is sent.</summary>
    public Position Current => new(_objects, _length, _depth, _hasItems, _named);

    public void Rewind(Position position) =>
        (_objects, _length, _depth, _hasItems, _named) =
            (position.Objects, position.Length, position.Depth, position.HasItems, position.Named);

    /// <summary>Forgets what was sent.</summary>
    public void Clear() => _length = 0;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    public void BeginObject() => Begin((byte)'{', isObject: true);

    public void EndObject() => End((byte)'}');

    public void BeginArray() => Begin((byte)'[', isObject: false);

    public void EndArray() => End((byte)']');

    /// <summary>Closes what is open beyond <paramref name="depth"/> containers.</summary>
    public void CloseTo(int depth)
    {
        while (_depth > depth)
        {
            End((_objects & (1ul << (_depth - 1))) != 0 ? (byte)'}' : (byte)']');
        }
    }

    /// <param name="name">Needs no escapes.</param>
    public void Name(ReadOnlySpan<byte> name)
    {
        Separate();
        var span = Reserve(name.Length + 4);
        span[0] = (byte)'"';
        name.CopyTo(span[1..]);
        span[name.Length + 1] = (byte)'"';
        span[name.Length + 2] = (byte)':';
        span[name.Length + 3] = (byte)' ';
        _length += name.Length + (pretty ? 4 : 3);
        _named = true;
    }

    public void Name(string name)
    {
        String(name);
        EndKey();
    }

    public void Key(ReadOnlySpan<byte> utf8)
    {
        String(utf8);
        EndKey();
    }

    private void EndKey()
    {
        Put((byte)':');
        if (pretty)
        {
            Put((byte)' ');
        }

        _named = true;
    }

    public void Null() => Raw("null"u8);

    public void Boolean(bool value) => Raw(value ? "true"u8 : "false"u8);

    public void Integer(long value)
    {
        Separate();
        Utf8Formatter.TryFormat(value, Reserve(20), out var written);
        _length += written;
    }

    /// <param name="value">Must be finite: JSON has no other numbers.</param>
    public void Real(double value)
    {
        Separate();
        _length += GoNumber.Format(value, Reserve(GoNumber.LengthMax));
    }

    /// <summary>A value that is JSON already.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        Separate();
        json.CopyTo(Reserve(json.Length));
        _length += json.Length;
    }

    public void String(string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        String(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)));
        ArrayPool<byte>.Shared.Return(bytes);
    }

    public void String(ReadOnlySpan<byte> utf8)
    {
        Separate();
        Put((byte)'"');
        if (Utf8.IsValid(utf8))
        {
            EscapeValid(utf8);
        }
        else
        {
            EscapeInvalid(utf8);
        }

        Put((byte)'"');
    }

    public void Base64(ReadOnlySpan<byte> bytes)
    {
        Separate();
        Put((byte)'"');
        System.Buffers.Text.Base64.EncodeToUtf8(
            bytes, Reserve(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var written);
        _length += written;
        Put((byte)'"');
    }

    public void ByteArray(ReadOnlySpan<byte> bytes)
    {
        BeginArray();
        foreach (var value in bytes)
        {
            Integer(value);
        }

        EndArray();
    }

    private void EscapeValid(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty)
        {
            var plain = utf8.IndexOfAny(s_suspicious);
            plain = plain < 0 ? utf8.Length : plain;
            utf8[..plain].CopyTo(Reserve(plain));
            _length += plain;
            utf8 = utf8[plain..];
            if (!utf8.IsEmpty)
            {
                utf8 = utf8[EscapeOne(utf8)..];
            }
        }
    }

    private void EscapeInvalid(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out _, out var length) != OperationStatus.Done)
            {
                // Go replaces each bad byte, not each bad sequence.
                Append("\\ufffd"u8);
                bytes = bytes[1..];
                continue;
            }

            EscapeValid(bytes[..length]);
            bytes = bytes[length..];
        }
    }

    /// <summary>Writes the first character and says how many bytes it had.</summary>
    private int EscapeOne(ReadOnlySpan<byte> utf8)
    {
        var first = utf8[0];
        if (first == 0xE2)
        {
            var separator = utf8[1] == 0x80 && utf8[2] is 0xA8 or 0xA9;
            Append(!separator ? utf8[..3] : utf8[2] == 0xA8 ? "\\u2028"u8 : "\\u2029"u8);
            return 3;
        }

        var letter = first switch
        {
            (byte)'"' or (byte)'\\' => first,
            (byte)'\b' => (byte)'b',
            (byte)'\f' => (byte)'f',
            (byte)'\n' => (byte)'n',
            (byte)'\r' => (byte)'r',
            (byte)'\t' => (byte)'t',
            _ => (byte)0,
        };
        if (letter != 0)
        {
            Append([(byte)'\\', letter]);
        }
        else
        {
            var digits = "0123456789abcdef"u8;
            Append([(byte)'\\', (byte)'u', (byte)'0', (byte)'0', digits[first >> 4], digits[first & 15]]);
        }

        return 1;
    }

    private void Begin(byte bracket, bool isObject)
    {
        Separate();
        Put(bracket);
        if (_depth == DepthMax)
        {
            throw new UnreachableException("JSON of this server is never so deep.");
        }

        var bit = 1ul << _depth++;
        _objects = isObject ? _objects | bit : _objects & ~bit;
        _hasItems = false;
    }

    private void End(byte bracket)
    {
        _depth--;
        if (pretty && _hasItems)
        {
            NewLine();
        }

        Put(bracket);
        _hasItems = true;
        _named = false;
    }

    private void Separate()
    {
        if (_named)
        {
            _named = false;
            return;
        }

        if (_hasItems)
        {
            Put((byte)',');
        }

        if (pretty && _depth > 0)
        {
            NewLine();
        }

        _hasItems = true;
    }

    private void NewLine()
    {
        var span = Reserve(1 + (4 * _depth));
        span[0] = (byte)'\n';
        span.Slice(1, 4 * _depth).Fill((byte)' ');
        _length += 1 + (4 * _depth);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _length += bytes.Length;
    }

    private void Put(byte value)
    {
        if (_length == _buffer.Length)
        {
            Grow(1);
        }

        _buffer[_length++] = value;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Grow(count);
        }

        return _buffer.AsSpan(_length);
    }

    private void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(2L * _buffer.Length, (long)_length + count)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    internal readonly record struct Position(ulong Objects, int Length, int Depth, bool HasItems, bool Named);
}
