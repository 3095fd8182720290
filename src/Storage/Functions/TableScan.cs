namespace Rqlite.Pg.Storage;

/// <summary>A cursor of a virtual table, on which one scan follows another.</summary>
internal sealed unsafe class TableScan(BoundTable table) : IDisposable
{
    /// <summary>Longer arguments are not copied for a statement that reads them as columns, which no text of ours does.</summary>
    private const int KeptBytesMax = 4096;

    private SqlRowScan? _rows;
    private nint[] _kept = [];
    private int _count;
    private long _at;

    public bool Ended { get; private set; } = true;

    public long At => _rows?.Number ?? _at;

    /// <param name="number">See <see cref="BoundTable.Choose"/>.</param>
    public void Begin(int number, int count, nint* arguments)
    {
        Dispose();
        _at = 0;
        var key = -1;
        if (table.IsFunction)
        {
            Keep(number, count, arguments);
        }
        else if (number > 0)
        {
            var storageClass = (StorageClass)Native.sqlite3_value_type(arguments[0]);
            if (storageClass == StorageClass.Null)
            {
                // Nothing equals null.
                return;
            }

            (key, count) = table.Fits(number - 1, storageClass) ? (number - 1, 1) : (-1, 0);
        }

        _rows = table.Definition.Scan(key, new FunctionCall(0, count, arguments, table.Context));
        Ended = !_rows.Read();
    }

    public void Read()
    {
        _at++;
        Ended = true;
        Ended = !_rows!.Read();
    }

    public void Column(int column, nint context, in FunctionCall answer)
    {
        var argument = column - table.ColumnCount;
        if (argument < 0)
        {
            _rows!.Column(column, answer);
        }
        else if (argument < _count)
        {
            Native.sqlite3_result_value(context, _kept[argument] != 0 ? _kept[argument] : throw new SqlFunctionException(
                "54000", $"argument {argument + 1} of {table.Definition.Name} is too long to be compared"));
        }
    }

    // SQLite's registers hold the arguments only until the scan has begun.
    private void Keep(int compared, int count, nint* arguments)
    {
        if (_kept.Length < count)
        {
            _kept = new nint[count];
        }

        for (_count = 0; _count < count; _count++)
        {
            var value = arguments[_count];
            var storageClass = (StorageClass)Native.sqlite3_value_type(value);
            if (storageClass == StorageClass.Null && compared > 0 && _count >= compared - 1)
            {
                // SQLite would drop all rows, since nothing equals null.
                throw new SqlFunctionException("54000", $"too many conditions on {table.Definition.Name}, an argument of which is null");
            }

            _kept[_count] = storageClass is StorageClass.Text or StorageClass.Blob && Native.sqlite3_value_bytes(value) > KeptBytesMax
                ? 0
                : Copy(value);
        }
    }

    private static nint Copy(nint value) =>
        Native.sqlite3_value_dup(value) is not 0 and var copy ? copy : throw new InsufficientMemoryException("out of memory");

    public void Dispose()
    {
        Ended = true;
        for (var i = 0; i < _count; i++)
        {
            // SQLite takes null for nothing to do.
            Native.sqlite3_value_free(_kept[i]);
        }

        _count = 0;
        var rows = _rows;
        _rows = null;
        rows?.Dispose();
    }
}
