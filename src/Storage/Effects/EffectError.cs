namespace Rqlite.Pg.Storage;

/// <summary>
/// Result codes of our own functions. Each stands for an SQLSTATE, so that no reader has to derive it from a message; to SQLite and to
/// <see cref="ResultCode.Classify"/> it is a plain error of the statement.
/// </summary>
public static class EffectError
{
    // The first code above SQLite's extended codes.
    private const int First = 200;

    private static readonly string[] s_states =
    [
        "55000", "22023", "2200H", "22003", "42P01", "42P07", "42809", "0A000", "54000", "42601", "42602", "55P03",
        "40P01", "53200", "22P02", "42883", "22004", "22021", "57014", "53400", "72000",
    ];

    /// <summary>The result code for an SQLSTATE of the table above.</summary>
    public static int CodeOf(string sqlState)
    {
        var at = Array.IndexOf(s_states, sqlState);
        return at >= 0 ? ResultCode.Error | ((First + at) << 8) : throw new ArgumentOutOfRangeException(nameof(sqlState), sqlState, "Unknown SQLSTATE.");
    }

    /// <summary>The SQLSTATE of a result code, or null if it is not one of ours.</summary>
    public static string? SqlStateOf(int resultCode)
    {
        var at = (resultCode >> 8) - First;
        return (resultCode & 0xff) == ResultCode.Error && (uint)at < (uint)s_states.Length ? s_states[at] : null;
    }
}

/// <summary>An error of a function with effects, which ends the statement.</summary>
internal sealed class EffectException(string sqlState, string message) : Exception(message)
{
    public int ResultCode { get; } = EffectError.CodeOf(sqlState);
}
