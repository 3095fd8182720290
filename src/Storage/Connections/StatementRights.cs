namespace Rqlite.Pg.Storage;

/// <summary>What the authorizer lets one statement do that others may not.</summary>
[Flags]
internal enum StatementRights : byte
{
    None = 0,

    /// <summary>Call internal functions, see <see cref="Statement.IsOurs"/>.</summary>
    Internals = 1,

    /// <summary>It is an ANALYZE, which writes statistics.</summary>
    Statistics = 2,
}
