using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Wire;

/// <summary>
/// Tells the log of connections that did not speak the protocol. Whoever makes them decides how many there are and what they say: so many
/// lines are written in a while, the others are counted, and no character of theirs reaches the log that is more than a character.
/// </summary>
internal sealed class BadConnections(ILogger logger, TimeProvider time)
{
    private const int LinesMax = 10;
    private const int TextMax = 200;
    private static readonly TimeSpan s_while = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long _began = time.GetTimestamp();
    private int _lines;
    private long _leftOut;

    public void Report(int connectionId, string from, string sqlState, string reason)
    {
        long leftOut;
        lock (_gate)
        {
            if (time.GetElapsedTime(_began) >= s_while)
            {
                (_began, _lines) = (time.GetTimestamp(), 0);
            }

            if (++_lines > LinesMax)
            {
                _leftOut++;
                return;
            }

            (leftOut, _leftOut) = (_leftOut, 0);
        }

        if (leftOut > 0)
        {
            logger.BadConnectionsLeftOut(leftOut);
        }

        logger.BadConnection(connectionId, from, sqlState, Escape(reason));
    }

    /// <summary>A text of a stranger, as one line and not a long one.</summary>
    public static string Escape(string text)
    {
        var cut = text.Length <= TextMax ? text : text[..TextMax] + "…";
        if (!cut.Any(IsSpecial))
        {
            return cut;
        }

        var escaped = new StringBuilder();
        foreach (var c in cut)
        {
            _ = IsSpecial(c) ? escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : escaped.Append(c);
        }

        return escaped.ToString();
    }

    // Format characters change what stands beside them on a terminal.
    private static bool IsSpecial(char c) => char.IsControl(c) || char.IsSurrogate(c)
        || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
