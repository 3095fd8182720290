namespace Rqlite.Pg.Dialect;

/// <summary>How COPY writes its rows.</summary>
public enum CopyFormat
{
    Text,
    Csv,
    Binary,
}

/// <summary>The options of a COPY … TO STDOUT, checked and completed by their defaults.</summary>
/// <param name="Delimiter">One byte, as <paramref name="Quote"/> and <paramref name="Escape"/>.</param>
/// <param name="ForceQuote">The columns that csv quotes whatever they hold; null for all of them.</param>
public sealed record CopyOptions(
    CopyFormat Format, byte Delimiter, string Null, bool Header, byte Quote, byte Escape, IReadOnlyList<string>? ForceQuote);
