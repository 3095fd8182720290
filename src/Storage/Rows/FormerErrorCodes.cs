namespace Rqlite.Pg.Storage;

/// <summary>Result codes of results that an earlier version has kept: they stood for an SQLSTATE, which now has a field of its own.</summary>
internal static class FormerErrorCodes
{
    // The first code above SQLite's extended codes.
    private const int First = 200;

    private static readonly string[] s_states =
    [
        "55000", "22023", "2200H", "22003", "42P01", "42P07", "42809", "0A000", "54000", "42601", "42602", "55P03",
        "40P01", "53200", "22P02", "42883", "22004", "22021", "57014", "53400", "72000",
    ];

    /// <summary>The error as it would be now.</summary>
    public static StatementError Read(int resultCode, string message, int offset)
    {
        var at = (resultCode >> 8) - First;
        return (resultCode & 0xff) == ResultCode.Error && (uint)at < (uint)s_states.Length
            ? new(ResultCode.Error, message, offset) { SqlState = s_states[at] }
            : new(resultCode, message, offset);
    }
}
