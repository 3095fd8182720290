namespace Rqlite.Pg.Storage;

/// <summary>The rights that the authorizer grants to single statements.</summary>
[Flags]
internal enum StatementRights : byte
{
    None = 0,

    /// <summary>The statement may call internal functions, see <see cref="Statement.IsOurs"/>.</summary>
    Internals = 1,

    /// <summary>The statement is an ANALYZE, which writes statistics.</summary>
    Statistics = 2,
}
