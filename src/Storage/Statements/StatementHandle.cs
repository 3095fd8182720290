using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>A prepared statement of a client on one connection. Used by one caller at a time.</summary>
internal sealed unsafe class StatementHandle : IDisposable
{
    private readonly Connection _connection;
    private readonly StatementRights _rights;
    private RowSchema? _schema;
    private int _preparations;
    private bool? _isShort;
    private int _shortPreparations;

    private StatementHandle(Connection connection, nint handle, byte[] sql, int tail, StatementRights rights)
    {
        _connection = connection;
        _rights = rights;
        Handle = handle;
        Sql = sql;
        TailOffset = tail;
        Explain = Native.sqlite3_stmt_isexplain(handle) != 0;
        ListsProgram = Native.sqlite3_stmt_isexplain(handle) == 1;
        Effects = Explain ? StatementEffects.None : connection.Authorizer.Effects;
        ChangesRows = Native.sqlite3_stmt_readonly(handle) == 0 && !connection.Authorizer.ReadsSetting;
        ReadOnly = (Effects & ~(StatementEffects.UnlocksAll | StatementEffects.AsksSession)) == StatementEffects.None && !ChangesRows;
        ColumnCount = Native.sqlite3_column_count(handle);
        Parameters = ParameterPlan.Of(handle);
        Analyzes = (rights & StatementRights.Statistics) != 0 && !Explain;
        AsksForeignKeys = connection.Authorizer.AsksForeignKeys;
        NodeUse = connection.Authorizer.UsesNode
            ? connection.Authorizer.UsesTables ? NodeUse.WithTables : NodeUse.Only
            : NodeUse.None;
        Defines = connection.Authorizer.ChangesSchema;
        ChangesMetadata = connection.Authorizer.ChangesMetadata && !Explain;
        Sources = connection.Authorizer.Sources;
    }

    public nint Handle { get; private set; }

    /// <summary>The text from this statement on; empty if it is too long to be a key of the cache.</summary>
    public byte[] Sql { get; }

    /// <summary>The offset of the text after this statement.</summary>
    public int TailOffset { get; }

    /// <summary>The statement changes nothing and calls no function with effects.</summary>
    public bool ReadOnly { get; }

    /// <summary>The statement changes rows or the schema, whatever its functions do.</summary>
    public bool ChangesRows { get; }

    /// <summary>The effects of the functions that the statement names.</summary>
    public StatementEffects Effects { get; }

    /// <summary>The schema that the connection sees at present.</summary>
    public long SchemaVersion => _connection.Sql.SchemaVersion;

    /// <summary>The statement asks for the session that sends it.</summary>
    public bool AsksSession => (Effects & StatementEffects.AsksSession) != 0;

    public bool Explain { get; }

    /// <summary>The statement is an EXPLAIN without QUERY PLAN. SQLite reports that of a write as a write.</summary>
    public bool ListsProgram { get; }

    public int ColumnCount { get; private set; }

    public ParameterPlan Parameters { get; }

    /// <summary>Whether the statement asks the node that it runs on.</summary>
    public NodeUse NodeUse { get; }

    /// <summary>The statement is an ANALYZE, after which other statements have to be planned again.</summary>
    public bool Analyzes { get; }

    /// <summary>The statement asks whether foreign keys are enforced.</summary>
    public bool AsksForeignKeys { get; }

    /// <summary>The sources that the statement's answer may depend on.</summary>
    public AnswerSources Sources { get; }

    /// <summary>The statement changes the schema.</summary>
    public bool Defines { get; }

    /// <summary>The statement changes rows of a dialect's metadata, which count as a part of the schema.</summary>
    public bool ChangesMetadata { get; }

    /// <summary>The count of schema changes at which the statement was last prepared or run.</summary>
    public long Definitions { get; set; }

    public bool InUse { get; set; }

    /// <summary>The statement's node in the cache's list, oldest use first.</summary>
    public LinkedListNode<StatementHandle>? Node { get; set; }

    public int CacheKind { get; set; }

    /// <summary>Prepares the first statement of a text; null with no error for white space and comments.</summary>
    /// <remarks>
    /// SQLite copies the whole text that it is given at each statement, which is quadratic in their number. So it is given the text up to a
    /// semicolon and a little more, and if the statement did not end there, further and further.
    /// </remarks>
    /// <param name="ours">See <see cref="Statement.IsOurs"/>.</param>
    public static StatementHandle? Prepare(
        Connection connection, ReadOnlySpan<byte> sql, int offsetBase, out StatementError? error, bool ours = false)
    {
        error = null;
        var rights = (ours ? StatementRights.Internals : 0) | (SqlText.IsAnalyze(sql) ? StatementRights.Statistics : 0);
        for (var given = 0; given < sql.Length;)
        {
            given = NextPiece(sql, given);
            var code = Prepare(connection, sql[..given], rights, out var handle, out var used);
            if (code == ResultCode.Ok && (given == sql.Length || (handle != 0 && used < given)))
            {
                return handle == 0 ? null : new StatementHandle(connection, handle, StatementCache.Keeps(sql) ? sql.ToArray() : [], used, rights);
            }

            _ = Native.sqlite3_finalize(handle);
            if (code != ResultCode.Ok && (code != ResultCode.Error || given == sql.Length))
            {
                error = connection.LastError(code, offsetBase);
                return null;
            }
        }

        return null;
    }

    // A character has to follow the semicolon, or a comment that was cut could not be told from a statement's end.
    private static int NextPiece(ReadOnlySpan<byte> sql, int given)
    {
        const int Growth = 16;
        const int Rest = 16;
        var from = (int)Math.Min((long)given * Growth, sql.Length);
        var semicolon = sql[from..].IndexOf((byte)';');
        return semicolon < 0 ? sql.Length : Math.Min(from + semicolon + Rest, sql.Length);
    }

    private static int Prepare(Connection connection, ReadOnlySpan<byte> sql, StatementRights rights, out nint handle, out int used)
    {
        nint prepared;
        byte* tail;
        int code;
        if (connection.HidesOwnTables && SqlText.HidingOwnTables(sql) is { } hiding)
        {
            sql = hiding;
        }

        fixed (byte* text = sql)
        {
            connection.Authorizer.Begin(text, sql.Length, rights);
            code = Native.sqlite3_prepare_v3(connection.Handle, text, sql.Length, Native.PreparePersistent, &prepared, &tail);
            used = (int)(tail - text);
        }

        connection.Authorizer.End();
        handle = prepared;
        return code;
    }

    /// <summary>See <see cref="StatementPlan.IsShort"/>; as the statement was prepared last.</summary>
    public bool IsShort()
    {
        var preparations = Preparations;
        if (_isShort is null || preparations != _shortPreparations)
        {
            _shortPreparations = preparations;
            _isShort = !Explain && Sql.Length > 0 && StatementPlan.IsShort(_connection, Encoding.UTF8.GetString(Sql.AsSpan(0, TailOffset)));
        }

        return _isShort.Value;
    }

    private int Preparations => Native.sqlite3_stmt_status(Handle, Native.StatementStatusReprepare, 0);

    /// <summary>The present columns: SQLite prepares a statement again when the schema has changed.</summary>
    public RowSchema Schema()
    {
        var preparations = Preparations;
        if (_schema is null || preparations != _preparations)
        {
            _preparations = preparations;
            ColumnCount = Native.sqlite3_column_count(Handle);
            _schema = ReadSchema();
        }

        return _schema;
    }

    private RowSchema ReadSchema()
    {
        if (ColumnCount == 0)
        {
            return RowSchema.Empty;
        }

        var columns = new Column[ColumnCount];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new Column(
                Native.Text(Native.sqlite3_column_name(Handle, i)),
                Native.TextOrNull(Native.sqlite3_column_decltype(Handle, i)),
                Native.TextOrNull(Native.sqlite3_column_table_name(Handle, i)),
                Native.TextOrNull(Native.sqlite3_column_origin_name(Handle, i)));
        }

        return new RowSchema(columns);
    }

    /// <summary>A column of the current row, borrowed until the next step.</summary>
    public SqliteValue this[int column] => (StorageClass)Native.sqlite3_column_type(Handle, column) switch
    {
        StorageClass.Integer => SqliteValue.FromInteger(Native.sqlite3_column_int64(Handle, column)),
        StorageClass.Real => SqliteValue.FromReal(Native.sqlite3_column_double(Handle, column)),
        StorageClass.Text => SqliteValue.FromText(Bytes(Native.sqlite3_column_text(Handle, column), column)),
        StorageClass.Blob => SqliteValue.FromBlob(Bytes(Native.sqlite3_column_blob(Handle, column), column)),
        _ => SqliteValue.Null,
    };

    private ReadOnlySpan<byte> Bytes(byte* bytes, int column) => new(bytes, Native.sqlite3_column_bytes(Handle, column));

    public int Step()
    {
        // SQLite may prepare the statement again in here, and then asks the authorizer again.
        _connection.Authorizer.Resume(_rights);
        _connection.Context.Failure = null;
        return Native.sqlite3_step(Handle);
    }

    public void Reset() => _ = Native.sqlite3_reset(Handle);

    public void Dispose()
    {
        if (Handle != 0)
        {
            _ = Native.sqlite3_finalize(Handle);
            Handle = 0;
        }
    }

    public override string ToString() => Encoding.UTF8.GetString(Sql);
}
