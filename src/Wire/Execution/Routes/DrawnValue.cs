using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Execution.Routes;

/// <summary>The one row of a nextval() that the session answers from its cache.</summary>
internal sealed class DrawnValue(RowSchema schema, long value) : RowCursor
{
    private bool _read;

    public override RowSchema Schema => schema;

    public override StatementOutcome Outcome => default;

    public override SqliteValue this[int ordinal] => SqliteValue.FromInteger(value);

    public override ValueTask<bool> WaitToReadAsync(CancellationToken token) => new(!_read);

    public override bool TryRead()
    {
        var first = !_read;
        _read = true;
        return first;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
