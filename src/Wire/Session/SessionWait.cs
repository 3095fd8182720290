namespace Rqlite.Pg.Wire.Session;

/// <summary>What a session's statement waits for, as far as others can be the reason.</summary>
internal enum SessionWait
{
    None,

    /// <summary>The writer, which another transaction may have.</summary>
    Writer,
    AdvisoryLock,
}
