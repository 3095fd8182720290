using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>The answer of a statement whose count comes as a row (<see cref="PlannedStatement.CountsByRow"/>): no rows, and that count.</summary>
internal sealed class CountCursor(RowCursor inner) : RowCursor
{
    private long _count;

    public override RowSchema Schema => RowSchema.Empty;

    public override SqliteValue this[int ordinal] => throw new InvalidOperationException("There is no row.");

    public override StatementOutcome Outcome => inner.Outcome with { RowsAffected = _count };

    public override long SeenIndex => inner.SeenIndex;

    public override bool HoldsReader => inner.HoldsReader;

    /// <summary>A statement's answer as its plan says.</summary>
    public static RowCursor Of(PlannedStatement plan, RowCursor answer) => plan.CountsByRow ? new CountCursor(answer) : answer;

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken token)
    {
        while (await inner.WaitToReadAsync(token).ConfigureAwait(false))
        {
            while (inner.TryRead())
            {
                _count = inner[0].Integer;
            }
        }

        return false;
    }

    public override bool TryRead() => false;

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
