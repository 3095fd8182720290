using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The result of a statement that was not run.</summary>
internal sealed class RefusedCursor(StatementError error, bool readOnly) : RowCursor
{
    private const int SqliteReadOnly = 8;

    /// <summary>A statement that writes, sent as a query.</summary>
    public static StatementError WriteInQuery { get; } = new(SqliteReadOnly, "attempt to change database via query operation", -1);

    public override RowSchema Schema => RowSchema.Empty;

    public override StatementOutcome Outcome { get; } = new(readOnly, 0, 0, TimeSpan.Zero, error);

    public override SqliteValue this[int ordinal] => throw new InvalidOperationException("There is no row.");

    public override ValueTask<bool> WaitToReadAsync(CancellationToken token) => new(false);

    public override bool TryRead() => false;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
