using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>An entry that the operator tells a node to skip, named by its index and the checksum of its bytes.</summary>
public readonly record struct SkippedEntry(long Index, ulong Checksum)
{
    private const int TextMax = 200;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}:{Checksum:x16}");

    /// <summary>Reads <c>INDEX:CHECKSUM</c>, the checksum in hexadecimal.</summary>
    public static bool TryParse(string text, out SkippedEntry entry)
    {
        entry = default;
        var parts = text.Split(':');
        if (parts.Length != 2
            || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index <= 0
            || !ulong.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum))
        {
            return false;
        }

        entry = new(index, checksum);
        return true;
    }

    internal static SkippedEntry Of(long index, ReadOnlyMemory<byte> entry) => new(index, XxHash3.HashToUInt64(entry.Span));

    /// <summary>The statements of an entry, cut short, for the operator.</summary>
    internal static string Describe(ReadOnlyMemory<byte> entry)
    {
        IEnumerable<Statement> statements;
        try
        {
            if (LogLoadEncoding.Is(entry))
            {
                return $"the load of a database of {LogLoadEncoding.Read(entry).Load.Bytes} bytes";
            }

            statements = LogTransactionEncoding.Is(entry) ? LogTransactionEncoding.Read(entry).Entry.Statements.Select(static one => one.Statement)
                : (LogBatchEncoding.Is(entry) ? LogBatchEncoding.Read(entry).Commands : LogCommandEncoding.Read(entry).Commands)
                    .SelectMany(static command => command.Batch.Statements);
            statements = statements.SelectMany(static statement => statement.Steps.Count > 0 ? statement.Steps : [statement]);
        }
        catch (InvalidDataException error)
        {
            return $"unreadable: {error.Message}";
        }

        var text = new StringBuilder();
        foreach (var statement in statements)
        {
            text.Append(text.Length > 0 ? "; " : "").Append(Encoding.UTF8.GetString(statement.Sql.Span[..Math.Min(statement.Sql.Length, TextMax)]));
            if (text.Length > TextMax)
            {
                break;
            }
        }

        for (var i = 0; i < text.Length; i++)
        {
            text[i] = char.IsControl(text[i]) ? ' ' : text[i];
        }

        return text.Length > TextMax ? text.ToString(0, TextMax) + " …" : text.ToString();
    }
}
