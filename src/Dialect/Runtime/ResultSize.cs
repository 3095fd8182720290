using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>The bound of what one function may answer with: results are measured before they are made.</summary>
internal static class ResultSize
{
    public const long Max = 64 << 20;

    /// <exception cref="TypeException">54000: the result would be larger.</exception>
    public static void Require(long bytes)
    {
        if (bytes > Max)
        {
            throw new TypeException(SqlState.ProgramLimitExceeded, "requested length too large");
        }
    }
}
