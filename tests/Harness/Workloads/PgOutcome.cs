using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>What a client may conclude from the answer to a COMMIT or to a statement outside a transaction.</summary>
public static class PgOutcome
{
    /// <summary>statement_completion_unknown: the one error that leaves the outcome open; all others say that nothing happened.</summary>
    public const string Unknown = "40003";

    /// <summary>read_only_sql_transaction: this node does not take writes; another one does.</summary>
    public const string ReadOnly = "25006";

    public static Outcome Of(PgAnswer answer) =>
        answer.State switch
        {
            null => answer.Tag == "ROLLBACK" ? Outcome.Failed : Outcome.Ok,
            Unknown => Outcome.Unknown,
            _ => Outcome.Failed,
        };
}
