namespace Rqlite.Pg.Wire.Errors;

/// <summary>The SQLSTATEs that PostgreSQL does not have.</summary>
internal static class OwnSqlState
{
    public const string TransactionAlreadyCommitted = "RQ001";
}
