using System.Buffers;
using System.Text;

namespace Rqlite.Pg.Dialect;

/// <summary>The options of a COPY as they are read one by one; each may be given once, and some exclude others.</summary>
internal sealed class CopyOptionList
{
    private static readonly SearchValues<char> s_textDelimitersRefused = SearchValues.Create("\\.abcdefghijklmnopqrstuvwxyz0123456789");

    private readonly HashSet<string> _given = new(StringComparer.Ordinal);
    private CopyFormat _format;
    private string? _delimiter;
    private string? _null;
    private string? _quote;
    private string? _escape;
    private bool _header;
    private bool _forceQuoteAll;
    private IReadOnlyList<string> _forceQuote = [];

    /// <param name="name">As in the list in parentheses, in lower case.</param>
    /// <param name="value">Null if the option stands alone.</param>
    /// <param name="columns">Null if its argument is no list.</param>
    public void Add(string name, string? value, IReadOnlyList<string>? columns, bool all)
    {
        if (!_given.Add(name))
        {
            throw Syntax("conflicting or redundant options");
        }

        switch (name)
        {
            case "format":
                _format = FormatOf(Required(name, value));
                break;
            case "freeze":
                Boolean(name, value);
                break;
            case "delimiter":
                _delimiter = Required(name, value);
                break;
            case "null":
                _null = Required(name, value);
                break;
            case "header":
                _header = Header(value);
                break;
            case "quote":
                _quote = Required(name, value);
                break;
            case "escape":
                _escape = Required(name, value);
                break;
            case "encoding":
                RequireUtf8(Required(name, value));
                break;
            case "force_quote":
                _forceQuoteAll = all;
                _forceQuote = all ? [] : RequireList(name, columns);
                break;
            case "force_not_null" or "force_null":
                RequireList(name, columns);
                break;
            default:
                throw Syntax($"option \"{name}\" not recognized");
        }
    }

    /// <summary>Checks what belongs together, in PostgreSQL's order.</summary>
    public CopyOptions Complete()
    {
        var csv = _format == CopyFormat.Csv;
        if (_format == CopyFormat.Binary)
        {
            RequireBinary();
        }

        var delimiter = _delimiter ?? (csv ? "," : "\t");
        var nullText = _null ?? (csv ? "" : "\\N");
        RequireDelimiter(delimiter);
        if (nullText.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            throw Invalid("COPY null representation cannot use newline or carriage return");
        }

        if (!csv && delimiter.AsSpan().IndexOfAny(s_textDelimitersRefused) >= 0)
        {
            throw Invalid($"COPY delimiter cannot be \"{delimiter}\"");
        }

        if (_format == CopyFormat.Binary && _header)
        {
            throw Unsupported("cannot specify HEADER in BINARY mode");
        }

        var quote = csv ? _quote ?? "\"" : "\"";
        var escape = csv ? _escape ?? quote : quote;
        RequireQuotes(csv, delimiter, quote, escape);
        RequireForced(csv);
        if (nullText.Contains(delimiter, StringComparison.Ordinal))
        {
            throw Unsupported("COPY delimiter must not appear in the NULL specification");
        }

        if (csv && nullText.Contains(quote, StringComparison.Ordinal))
        {
            throw Unsupported("CSV quote character must not appear in the NULL specification");
        }

        return new CopyOptions(
            _format, (byte)delimiter[0], nullText, _header, (byte)quote[0], (byte)escape[0], _forceQuoteAll ? null : _forceQuote);
    }

    private void RequireBinary()
    {
        if (_delimiter is not null)
        {
            throw Syntax("cannot specify DELIMITER in BINARY mode");
        }

        if (_null is not null)
        {
            throw Syntax("cannot specify NULL in BINARY mode");
        }
    }

    private static void RequireDelimiter(string delimiter)
    {
        if (!IsOneByte(delimiter))
        {
            throw Unsupported("COPY delimiter must be a single one-byte character");
        }

        if (delimiter[0] is '\r' or '\n')
        {
            throw Invalid("COPY delimiter cannot be newline or carriage return");
        }
    }

    private void RequireQuotes(bool csv, string delimiter, string quote, string escape)
    {
        if (!csv && _quote is not null)
        {
            throw Unsupported("COPY quote available only in CSV mode");
        }

        if (!IsOneByte(quote))
        {
            throw Unsupported("COPY quote must be a single one-byte character");
        }

        if (csv && delimiter == quote)
        {
            throw Invalid("COPY delimiter and quote must be different");
        }

        if (!csv && _escape is not null)
        {
            throw Unsupported("COPY escape available only in CSV mode");
        }

        if (!IsOneByte(escape))
        {
            throw Unsupported("COPY escape must be a single one-byte character");
        }
    }

    private void RequireForced(bool csv)
    {
        if (!csv && (_forceQuoteAll || _forceQuote.Count > 0))
        {
            throw Unsupported("COPY force quote available only in CSV mode");
        }

        if (_given.Contains("force_not_null"))
        {
            throw Unsupported(csv ? "COPY force not null only available using COPY FROM" : "COPY force not null available only in CSV mode");
        }

        if (_given.Contains("force_null"))
        {
            throw Unsupported(csv ? "COPY force null only available using COPY FROM" : "COPY force null available only in CSV mode");
        }
    }

    private static CopyFormat FormatOf(string name) => name switch
    {
        "text" => CopyFormat.Text,
        "csv" => CopyFormat.Csv,
        "binary" => CopyFormat.Binary,
        _ => throw Invalid($"COPY format \"{name}\" not recognized"),
    };

    private static bool Header(string? value)
    {
        if (value is null)
        {
            return true;
        }

        return value.ToLowerInvariant() switch
        {
            "true" or "on" or "1" => true,
            "false" or "off" or "0" => false,
            "match" => throw Unsupported($"cannot use \"{value}\" with HEADER in COPY TO"),
            _ => throw Syntax("header requires a Boolean value or \"match\""),
        };
    }

    private static void Boolean(string name, string? value)
    {
        if (value is not null && value.ToLowerInvariant() is not ("true" or "on" or "1" or "false" or "off" or "0"))
        {
            throw Syntax($"{name} requires a Boolean value");
        }
    }

    private static void RequireUtf8(string encoding)
    {
        if (encoding.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant() is not ("utf8" or "unicode"))
        {
            throw Unsupported($"COPY with encoding \"{encoding}\" is not supported");
        }
    }

    private static IReadOnlyList<string> RequireList(string name, IReadOnlyList<string>? columns) =>
        columns ?? throw Invalid($"argument to option \"{name}\" must be a list of column names");

    private static string Required(string name, string? value) => value ?? throw Syntax($"{name} requires a parameter");

    private static bool IsOneByte(string text) => text.Length == 1 && Encoding.UTF8.GetByteCount(text) == 1;

    private static DialectException Syntax(string message) => new("42601", message);

    private static DialectException Invalid(string message) => new("22023", message);

    private static DialectException Unsupported(string message) => new("0A000", message);
}
