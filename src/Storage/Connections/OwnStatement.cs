namespace Rqlite.Pg.Storage;

/// <summary>A statement of this project itself: the authorizer lets it pass, and any failure of it is the node's.</summary>
internal sealed unsafe class OwnStatement : IDisposable
{
    private readonly Connection _connection;
    private readonly string _sql;
    private nint _statement;

    public OwnStatement(Connection connection, string sql)
    {
        _connection = connection;
        _sql = sql;
        nint statement;
        int code;
        var outer = connection.Authorizer.EnterOwn();
        fixed (byte* text = Connection.Utf8(sql))
        {
            code = Native.sqlite3_prepare_v3(connection.Handle, text, -1, Native.PreparePersistent, &statement, null);
        }

        connection.Authorizer.LeaveOwn(outer);
        connection.Check(code, sql);
        _statement = statement;
    }

    public OwnStatement Bind(int index, long value)
    {
        _connection.Check(Native.sqlite3_bind_int64(_statement, index, value), _sql);
        return this;
    }

    public OwnStatement Bind(int index, ReadOnlySpan<byte> blob)
    {
        fixed (byte* bytes = blob)
        {
            byte empty;
            var code = Native.sqlite3_bind_blob(_statement, index, bytes == null ? &empty : bytes, blob.Length, Native.Transient);
            _connection.Check(code, _sql);
        }

        return this;
    }

    public OwnStatement Bind(int index, string text)
    {
        var utf8 = Connection.Utf8(text);
        fixed (byte* bytes = utf8)
        {
            _connection.Check(Native.sqlite3_bind_text(_statement, index, bytes, utf8.Length - 1, Native.Transient), _sql);
        }

        return this;
    }

    public OwnStatement BindNull(int index)
    {
        _connection.Check(Native.sqlite3_bind_null(_statement, index), _sql);
        return this;
    }

    /// <summary>SQLITE_ROW or SQLITE_DONE.</summary>
    /// <exception cref="StorageException">Anything else; the statement is reset.</exception>
    public int Step()
    {
        // SQLite may prepare the statement again in here, and then asks the authorizer again.
        var outer = _connection.Authorizer.EnterOwn();
        var code = Native.sqlite3_step(_statement);
        _connection.Authorizer.LeaveOwn(outer);
        try
        {
            _connection.Check(code, _sql);
        }
        catch (StorageException)
        {
            // Functions of a client's statement run our statements, and are interrupted with it: SQLite binds nothing to a statement that
            // has failed and was not reset, so the next use would fail too.
            Reset();
            throw;
        }

        return code;
    }

    /// <summary>Runs the statement to its end and resets it for the next run.</summary>
    public void Run()
    {
        try
        {
            while (Step() == ResultCode.Row)
            {
            }
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>As <see cref="Run"/>; gives SQLite's code, whose message the connection keeps.</summary>
    public int TryRun()
    {
        var outer = _connection.Authorizer.EnterOwn();
        var code = Native.sqlite3_step(_statement);
        _connection.Authorizer.LeaveOwn(outer);
        Reset();
        return code;
    }

    public void Reset() => _ = Native.sqlite3_reset(_statement);

    public long Integer(int column) => Native.sqlite3_column_int64(_statement, column);

    public bool IsNull(int column) => Native.sqlite3_column_type(_statement, column) == (int)StorageClass.Null;

    public string Text(int column) => Native.Text(Native.sqlite3_column_text(_statement, column));

    public byte[] Blob(int column)
    {
        var bytes = Native.sqlite3_column_blob(_statement, column);
        return new ReadOnlySpan<byte>(bytes, Native.sqlite3_column_bytes(_statement, column)).ToArray();
    }

    /// <summary>Adds the current row's values to two hashes.</summary>
    public void AddRowTo(ref Mixer first, ref Mixer second)
    {
        var columns = Native.sqlite3_column_count(_statement);
        for (var i = 0; i < columns; i++)
        {
            var storageClass = (StorageClass)Native.sqlite3_column_type(_statement, i);
            first.Add((ulong)storageClass);
            second.Add((ulong)storageClass);
            if (storageClass is StorageClass.Integer or StorageClass.Real)
            {
                var bits = storageClass == StorageClass.Integer
                    ? (ulong)Native.sqlite3_column_int64(_statement, i)
                    : BitConverter.DoubleToUInt64Bits(Native.sqlite3_column_double(_statement, i));
                first.Add(bits);
                second.Add(bits);
            }
            else if (storageClass is StorageClass.Text or StorageClass.Blob)
            {
                var bytes = new ReadOnlySpan<byte>(Native.sqlite3_column_blob(_statement, i), Native.sqlite3_column_bytes(_statement, i));
                first.Add(bytes);
                second.Add(bytes);
            }
        }
    }

    public void Dispose()
    {
        if (_statement != 0)
        {
            _ = Native.sqlite3_finalize(_statement);
            _statement = 0;
        }
    }
}
