using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>CommandComplete with its tag, such as <c>INSERT 0 1</c>.</summary>
internal static class CommandComplete
{
    private const int CountDigitsMax = 20;

    /// <param name="count">The number of rows returned or changed; null for a tag without a count.</param>
    public static void Write(IBufferWriter<byte> output, string tag, long? count)
    {
        Span<byte> digits = stackalloc byte[CountDigitsMax];
        var digitCount = 0;
        if (count is { } value)
        {
            var fits = Utf8Formatter.TryFormat(value, digits, out digitCount);
            Debug.Assert(fits, "A long has at most 20 characters.");
        }

        var length = Encoding.UTF8.GetByteCount(tag) + 1 + (count is null ? 0 : 1 + digitCount);
        var span = BackendMessage.Start(output, (byte)'C', length);
        var written = Encoding.UTF8.GetBytes(tag, span);
        if (count is not null)
        {
            span[written++] = (byte)' ';
            digits[..digitCount].CopyTo(span[written..]);
            written += digitCount;
        }

        span[written] = 0;
        output.Advance(BackendMessage.HeadBytes + length);
    }
}
