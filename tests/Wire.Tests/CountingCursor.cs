using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Tells how many rows were taken of it.</summary>
internal sealed class CountingCursor(RowCursor inner, Action taken) : RowCursor
{
    public override RowSchema Schema => inner.Schema;

    public override StatementOutcome Outcome => inner.Outcome;

    public override SqliteValue this[int ordinal] => inner[ordinal];

    public override ValueTask<bool> WaitToReadAsync(CancellationToken token) => inner.WaitToReadAsync(token);

    public override bool TryRead()
    {
        if (!inner.TryRead())
        {
            return false;
        }

        taken();
        return true;
    }

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
