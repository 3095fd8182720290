using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>A statement of this project itself: the authorizer lets it pass, and any failure of it is the node's.</summary>
internal sealed unsafe class OwnStatement : IDisposable
{
    private readonly Connection _connection;
    private nint _statement;
    private ParameterPlan? _parameters;

    public OwnStatement(Connection connection, string sql)
        : this(connection, Encoding.UTF8.GetBytes(sql))
    {
    }

    public OwnStatement(Connection connection, byte[] sql)
    {
        _connection = connection;
        Sql = sql;
        nint statement;
        int code;
        var outer = connection.Authorizer.EnterOwn();
        fixed (byte* text = sql)
        {
            code = Native.sqlite3_prepare_v3(connection.Handle, text, sql.Length, Native.PreparePersistent, &statement, null);
        }

        connection.Authorizer.LeaveOwn(outer);
        Check(code);
        _statement = statement;
    }

    public byte[] Sql { get; }

    public nint Handle => _statement;

    public bool ReadOnly => Native.sqlite3_stmt_readonly(_statement) != 0;

    /// <summary>Binds encoded parameters.</summary>
    public void Bind(ReadOnlySpan<byte> parameters)
    {
        _parameters ??= ParameterPlan.Of(_statement);
        if (_parameters.Bind(_connection, _statement, parameters, 0) is { } error)
        {
            throw new StorageException(error.ResultCode, error.Message);
        }
    }

    private void Check(int code)
    {
        if (code is not (ResultCode.Ok or ResultCode.Row or ResultCode.Done))
        {
            _connection.Check(code, Encoding.UTF8.GetString(Sql));
        }
    }

    public OwnStatement Bind(int index, long value)
    {
        Check(Native.sqlite3_bind_int64(_statement, index, value));
        return this;
    }

    public OwnStatement Bind(int index, ReadOnlySpan<byte> blob)
    {
        fixed (byte* bytes = blob)
        {
            byte empty;
            var code = Native.sqlite3_bind_blob(_statement, index, bytes == null ? &empty : bytes, blob.Length, Native.Transient);
            Check(code);
        }

        return this;
    }

    public OwnStatement Bind(int index, string text)
    {
        var utf8 = Connection.Utf8(text);
        fixed (byte* bytes = utf8)
        {
            Check(Native.sqlite3_bind_text(_statement, index, bytes, utf8.Length - 1, Native.Transient));
        }

        return this;
    }

    public OwnStatement BindNull(int index)
    {
        Check(Native.sqlite3_bind_null(_statement, index));
        return this;
    }

    public int ColumnCount => Native.sqlite3_column_count(_statement);

    /// <summary>Binds a value of another statement's current row.</summary>
    public OwnStatement BindColumn(int index, OwnStatement row, int column)
    {
        switch ((StorageClass)Native.sqlite3_column_type(row._statement, column))
        {
            case StorageClass.Integer:
                return Bind(index, row.Integer(column));
            case StorageClass.Null:
                return BindNull(index);
            case StorageClass.Text:
                return Bind(index, row.Text(column));
            case StorageClass.Blob:
                return Bind(index, row.Blob(column));
            default:
                throw new InvalidOperationException("A table of ours holds a real.");
        }
    }

    /// <summary>SQLITE_ROW or SQLITE_DONE.</summary>
    /// <exception cref="StorageException">Anything else; the statement is reset.</exception>
    public int Step()
    {
        var code = TryStep();
        try
        {
            Check(code);
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

    /// <summary>SQLite's code, whose message the connection keeps.</summary>
    public int TryStep()
    {
        // SQLite may prepare the statement again in here, and then asks the authorizer again.
        var outer = _connection.Authorizer.EnterOwn();
        var code = Native.sqlite3_step(_statement);
        _connection.Authorizer.LeaveOwn(outer);
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
        var code = TryStep();
        Reset();
        return code;
    }

    public void Reset() => _ = Native.sqlite3_reset(_statement);

    public void ClearBindings() => _ = Native.sqlite3_clear_bindings(_statement);

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
