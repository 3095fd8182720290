namespace Rqlite.Pg.Storage;

/// <summary>
/// The reads that functions and tables make while a statement runs. They see its transaction, and end with it: whatever fails here ends the
/// statement too, unless the function deals with it.
/// </summary>
internal sealed unsafe class ConnectionSql(Connection connection) : IConnectionSql, IDisposable
{
    private const int KeptMax = 256;

    private readonly Dictionary<byte[], OwnStatement> _idle = new(StatementCache.TextComparer.Instance);
    private OwnStatement? _version;

    /// <summary>Gives the schema of this moment, whose cookie is the argument, its number.</summary>
    public Func<long, long> StampOf { get; set; } = static _ => SchemaStamps.Next();

    public long SchemaVersion
    {
        get
        {
            var version = _version ??= connection.Prepare("PRAGMA schema_version");
            try
            {
                return version.Step() == ResultCode.Row ? version.Integer(0) : 0;
            }
            finally
            {
                version.Reset();
            }
        }
    }

    public long SchemaStamp => StampOf(SchemaVersion);

    public void Read(Statement statement, RowVisitor visit)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(visit);
        var own = Rent(statement.Sql.Span);
        try
        {
            own.Bind(statement.Parameters.Span);
            while (Step(own))
            {
                visit(new SqlRow(own.Handle));
            }
        }
        finally
        {
            Return(own);
        }
    }

    // A statement in use is out of the dictionary, so a read within a read of the same text has one of its own.
    private OwnStatement Rent(ReadOnlySpan<byte> sql)
    {
        if (_idle.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(sql, out _, out var kept))
        {
            return kept;
        }

        var own = new OwnStatement(connection, sql.ToArray());
        if (own.ReadOnly)
        {
            return own;
        }

        own.Dispose();
        throw new InvalidOperationException("A function may only read.");
    }

    private void Return(OwnStatement own)
    {
        own.Reset();
        own.ClearBindings();
        if (_idle.Count >= KeptMax || !_idle.TryAdd(own.Sql, own))
        {
            own.Dispose();
        }
    }

    private bool Step(OwnStatement own)
    {
        connection.Context.Failure = null;
        var code = own.TryStep();
        if (code is ResultCode.Row or ResultCode.Done)
        {
            return code == ResultCode.Row;
        }

        // The message of the connection is that of a function, if a function has failed.
        var message = Native.Text(Native.sqlite3_errmsg(connection.Handle));
        if (connection.Context.TakeFailure(code, message) is { } failure)
        {
            throw failure;
        }

        throw new StorageException(code, message);
    }

    public void Dispose()
    {
        _version?.Dispose();
        foreach (var own in _idle.Values)
        {
            own.Dispose();
        }

        _idle.Clear();
    }
}
