namespace Rqlite.Pg.Storage;

/// <summary>
/// A dialect's knowledge of the types of columns. It sees the rows that are stored by statements which were not translated for those types, so that no
/// column holds what its type cannot read, and it keeps the dialect's metadata in step with definitions that know nothing of it. It must answer the same
/// on every node.
/// </summary>
public interface ITypedSchema
{
    /// <summary>The tables with typed columns, as the connection's transaction sees them; null if the database has no metadata.</summary>
    ITypedTables? Load(IConnectionSql sql);

    /// <summary>Called before a definition; not for one that brings its own changes of the metadata.</summary>
    IDefinitionFollower Follow(IConnectionSql sql);
}

/// <summary>The tables with typed columns in one version of the schema. It serves one connection, a statement at a time.</summary>
public interface ITypedTables
{
    /// <summary>The checks of rows by the name of the table, as the schema writes it.</summary>
    IReadOnlyDictionary<string, RowCheck> Checks { get; }

    /// <summary>Called before a statement.</summary>
    void Begin();

    /// <summary>Called after a statement all of whose rows have passed, for what only a query can tell.</summary>
    /// <exception cref="SqlFunctionException">A value does not fit its column; the statement is undone.</exception>
    void Complete(IConnectionSql sql);

    /// <summary>
    /// The sequences, by their names, whose columns are rowids that the statement has inserted, with the highest of them: SQLite gives a row without a key a
    /// rowid whatever the column's default is, so the sequence has to follow.
    /// </summary>
    IReadOnlyDictionary<string, long> Inserted { get; }
}

/// <summary>Checks a row that is about to be stored. No statement may run meanwhile.</summary>
/// <exception cref="SqlFunctionException">A value does not fit its column; the statement is undone.</exception>
public delegate void RowCheck(in StoredRow row);

/// <summary>Compares the schema before a definition with the one after it.</summary>
public interface IDefinitionFollower
{
    /// <summary>The statements of ours that bring the metadata in step with the schema of now.</summary>
    /// <exception cref="SqlFunctionException">The metadata cannot follow; the definition is undone.</exception>
    IReadOnlyList<string> Changes(IConnectionSql sql);
}

/// <summary>The new values of a row, borrowed until the check returns.</summary>
public readonly unsafe ref struct StoredRow
{
    private readonly nint _connection;

    internal StoredRow(nint connection, bool isNew) => (_connection, IsNew) = (connection, isNew);

    /// <summary>The row is inserted; else it is an existing one that is changed.</summary>
    public bool IsNew { get; }

    /// <summary>A column by its place in the table from 0, with its class after SQLite has applied the column's affinity.</summary>
    public SqliteValue this[int column]
    {
        get
        {
            nint value;
            var code = Native.sqlite3_preupdate_new(_connection, column, &value);
            if (code != ResultCode.Ok)
            {
                throw new StorageException(code, "A changed row could not be read.");
            }

            return (StorageClass)Native.sqlite3_value_type(value) switch
            {
                StorageClass.Integer => SqliteValue.FromInteger(Native.sqlite3_value_int64(value)),
                StorageClass.Real => SqliteValue.FromReal(Native.sqlite3_value_double(value)),
                StorageClass.Text => SqliteValue.FromText(new(Native.sqlite3_value_text(value), Native.sqlite3_value_bytes(value))),
                StorageClass.Blob => SqliteValue.FromBlob(new(Native.sqlite3_value_blob(value), Native.sqlite3_value_bytes(value))),
                _ => SqliteValue.Null,
            };
        }
    }
}
