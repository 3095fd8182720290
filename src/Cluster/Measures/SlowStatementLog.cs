using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster;

/// <summary>The log of statements that took long, of both front doors. It has the text of a statement, bounded, and never its parameters.</summary>
public sealed class SlowStatementLog(TimeSpan threshold, ILogger logger)
{
    /// <summary>The most of a statement's text that is logged, in UTF-16 units.</summary>
    public const int LengthMax = 2048;

    public bool IsSlow(TimeSpan elapsed) => elapsed >= threshold;

    /// <param name="door">http or pg.</param>
    /// <param name="user">Empty for nobody.</param>
    public void Write(string door, string user, string client, TimeSpan elapsed, string statement) =>
        logger.SlowStatement(Math.Round(elapsed.TotalSeconds, 6), door, user, client, Cut(statement));

    public static string Cut(string text) => text.Length <= LengthMax ? text : $"{text[..LengthMax]}... ({text.Length} characters)";
}
