using Rqlite.Pg.Dialect;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>
/// Cuts the statements of a query string into units, each an implicit transaction: a unit ends before a transaction command, or with the COMMIT
/// of a block that the text holds as a whole.
/// </summary>
internal static class QueryUnits
{
    /// <summary>The index behind the unit that begins at <paramref name="start"/>.</summary>
    public static int EndOf(IReadOnlyList<StatementPart> statements, int start)
    {
        for (var i = start; i < statements.Count; i++)
        {
            if (statements[i].IsTransaction)
            {
                return ClosesLater(statements, i) ? CloseOf(statements, i) + 1 : i;
            }
        }

        return statements.Count;
    }

    /// <summary>True for a BEGIN whose COMMIT is in the same text: then the whole block can be one entry.</summary>
    public static bool ClosesLater(IReadOnlyList<StatementPart> statements, int at) => CloseOf(statements, at) > at;

    /// <summary>The transaction command that follows a unit which is still open; null if the unit ends by itself.</summary>
    public static StatementPart? FollowerOf(IReadOnlyList<StatementPart> statements, int end) =>
        end < statements.Count && !statements[end - 1].IsTransaction ? statements[end] : null;

    /// <summary>True for commands that undo the unit before them: ROLLBACK, and those that fail outside of a block.</summary>
    public static bool Undoes(StatementPart part) =>
        part.IsTransaction && part.Command is not (BeginTransaction or CommitTransaction { Chain: false });

    /// <summary>
    /// True if a statement of the unit needs a block: it sets modes of the transaction that all of them share, checks constraints, has to do with cursors,
    /// decides what a statement behind it means, or is a command whose failure undoes those before it.
    /// </summary>
    public static bool NeedsBlock(IReadOnlyList<StatementPart> statements, int start, int end)
    {
        var (decides, runs) = (false, false);
        for (var i = start; i < end; i++)
        {
            if (decides && (statements[i].Runs || statements[i].Body is not null))
            {
                return true;
            }

            decides |= DecidesMeanings(statements[i].Command);
            if (statements[i].Tag == "VACUUM" || (runs && !statements[i].Runs && !statements[i].IsTransaction))
            {
                return true;
            }

            runs |= statements[i].Runs;
            if (statements[i].Command is SetTransaction { SessionDefault: false } or SetConstraints { Deferred: false } or DeclareCursor or FetchCursor
                || (statements[i].Command is SetSetting set && set.Name.StartsWith("transaction_", StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True for commands that have to be carried out before a statement behind them is planned: of settings, roles and prepared statements.</summary>
    private static bool DecidesMeanings(SessionCommand? command) => command
        is SetSetting or ResetSetting or SetRole or SetSessionAuthorization or DiscardState or PrepareStatement or DeallocateStatement;

    private static int CloseOf(IReadOnlyList<StatementPart> statements, int at)
    {
        if (statements[at].Command is not BeginTransaction { Immediate: false } begin || begin.Modes != TransactionModes.None)
        {
            return -1;
        }

        for (var i = at + 1; i < statements.Count; i++)
        {
            if (statements[i].IsTransaction)
            {
                return statements[i].Command is CommitTransaction { Chain: false } ? i : -1;
            }
        }

        return -1;
    }
}
