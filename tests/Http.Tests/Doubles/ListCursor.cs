using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http.Tests.Doubles;

/// <summary>Rows from memory: long, double, string, byte[] (a blob), Utf8 (a text of any bytes) or null.</summary>
internal sealed class ListCursor(RowSchema schema, IEnumerable<object?[]> rows, StatementOutcome outcome, Exception? failure = null) : RowCursor
{
    private readonly IEnumerator<object?[]> _rows = rows.GetEnumerator();
    private bool _pending;

    public override RowSchema Schema => schema;

    public override StatementOutcome Outcome => outcome;

    public override SqliteValue this[int ordinal] => _rows.Current[ordinal] switch
    {
        long value => SqliteValue.FromInteger(value),
        double value => SqliteValue.FromReal(value),
        string value => SqliteValue.FromText(System.Text.Encoding.UTF8.GetBytes(value)),
        Utf8 value => SqliteValue.FromText(value.Bytes),
        byte[] value => SqliteValue.FromBlob(value),
        _ => SqliteValue.Null,
    };

    public override ValueTask<bool> WaitToReadAsync(CancellationToken token)
    {
        _pending = _pending || _rows.MoveNext();
        return !_pending && failure is not null ? throw failure : ValueTask.FromResult(_pending);
    }

    /// <summary>Gives a row for every wait, so that each path back to the wait is taken.</summary>
    public override bool TryRead()
    {
        var read = _pending;
        _pending = false;
        return read;
    }

    public override ValueTask DisposeAsync()
    {
        _rows.Dispose();
        return ValueTask.CompletedTask;
    }

    public static RowSchema Columns(params (string Name, string? Type)[] columns) =>
        new([.. columns.Select(column => new Column(column.Name, column.Type, null, null))]);

    internal sealed record Utf8(byte[] Bytes);
}
