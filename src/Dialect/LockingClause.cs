namespace Rqlite.Pg.Dialect;

/// <summary>FOR UPDATE and its kin (PostgreSQL manual, SELECT, "The Locking Clause").</summary>
/// <param name="Strength">UPDATE, NO KEY UPDATE, SHARE or KEY SHARE.</param>
public sealed record LockingClause(string Strength, bool NoWait);
