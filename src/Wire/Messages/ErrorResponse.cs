using System.Buffers;
using System.Globalization;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>ErrorResponse and NoticeResponse: fields of one code byte and a text each (manual, 55.8), in PostgreSQL's order.</summary>
internal static class ErrorResponse
{
    /// <summary>Writes an error or a notice; what the client's encoding does not have becomes question marks.</summary>
    public static void Write(IBufferWriter<byte> output, ClientEncoding encoding, PgError error)
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
            ('M', Clean(error.Message, encoding)),
            ('D', Clean(error.Detail, encoding)),
            ('H', Clean(error.Hint, encoding)),
            ('P', error.Position > 0 ? error.Position.ToString(CultureInfo.InvariantCulture) : null),
            ('W', Clean(error.Where, encoding)),
            ('s', Clean(error.Schema, encoding)),
            ('t', Clean(error.Table, encoding)),
            ('c', Clean(error.Column, encoding)),
            ('d', Clean(error.DataType, encoding)),
            ('n', Clean(error.Constraint, encoding)),
        ];
        var length = 1;
        foreach (var (_, text) in fields)
        {
            length += text is null ? 0 : 2 + encoding.Count(text);
        }

        var code = error.Severity is Severity.Error or Severity.Fatal ? (byte)'E' : (byte)'N';
        var span = BackendMessage.Start(output, code, length);
        foreach (var (field, text) in fields)
        {
            if (text is not null)
            {
                span[0] = (byte)field;
                span = BackendMessage.WriteText(span[1..], text, encoding);
            }
        }

        span[0] = 0;
        output.Advance(BackendMessage.HeadBytes + length);
    }

    // A NUL would end the field early, and the rest would be read as another field.
    private static string? Clean(string? text, ClientEncoding encoding) => text is null ? null
        : encoding.Clean(text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "\\0", StringComparison.Ordinal) : text);
}
