using System.Buffers;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>ErrorResponse and NoticeResponse: fields of one code byte and a text each (manual, 55.8), in PostgreSQL's order.</summary>
internal static class ErrorResponse
{
    public static void Write(IBufferWriter<byte> output, PgError error)
    {
        var severity = error.Severity switch
        {
            Severity.Error => "ERROR",
            Severity.Fatal => "FATAL",
            Severity.Warning => "WARNING",
            _ => "NOTICE",
        };
        ReadOnlySpan<(char Code, string? Text)> fields =
        [
            ('S', severity),
            ('V', severity),
            ('C', error.SqlState),
            ('M', Clean(error.Message)),
            ('D', Clean(error.Detail)),
            ('H', Clean(error.Hint)),
            ('P', error.Position > 0 ? error.Position.ToString(CultureInfo.InvariantCulture) : null),
            ('W', Clean(error.Where)),
            ('s', Clean(error.Schema)),
            ('t', Clean(error.Table)),
            ('c', Clean(error.Column)),
            ('n', Clean(error.Constraint)),
        ];
        var length = 1;
        foreach (var (_, text) in fields)
        {
            length += text is null ? 0 : 2 + Encoding.UTF8.GetByteCount(text);
        }

        var code = error.Severity is Severity.Error or Severity.Fatal ? (byte)'E' : (byte)'N';
        var span = BackendMessage.Start(output, code, length);
        foreach (var (field, text) in fields)
        {
            if (text is not null)
            {
                span[0] = (byte)field;
                span = BackendMessage.WriteText(span[1..], text);
            }
        }

        span[0] = 0;
        output.Advance(BackendMessage.HeadBytes + length);
    }

    // A NUL would end the field early, and the rest would be read as another field.
    private static string? Clean(string? text) =>
        text is not null && text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "\\0", StringComparison.Ordinal) : text;
}
