namespace Rqlite.Pg.Storage;

/// <summary>
/// A table whose rows are made when they are asked for: a relation of a catalog, or a function that returns a set. It is an eponymous virtual table
/// of SQLite, so it leaves no trace in the schema.
/// </summary>
/// <param name="name">A private name.</param>
public abstract class SqlTable(string name, IReadOnlyList<SqlTableColumn> columns)
{
    public string Name { get; } = name;

    public IReadOnlyList<SqlTableColumn> Columns { get; } = columns;

    /// <summary>The number of arguments of a function; -1 for any number up to <see cref="ArgumentsMax"/>. 0 for a relation.</summary>
    public virtual int Arguments => 0;

    /// <summary>The most arguments, which are hidden columns of the table; to be given if <see cref="Arguments"/> is -1.</summary>
    public virtual int ArgumentsMax => Math.Max(Arguments, 0);

    /// <summary>The columns by which <see cref="Scan"/> finds rows without looking at all; a relation's only.</summary>
    public virtual IReadOnlyList<int> Keys => [];

    /// <summary>An estimate of the number of all rows, for SQLite's planner.</summary>
    public virtual long Rows => 1000;

    /// <summary>An estimate of the number of rows with one value of a column of <see cref="Keys"/>.</summary>
    public virtual long RowsOf(int key) => 10;

    /// <summary>The table asks for <see cref="StatementContext.Caller"/>.</summary>
    public virtual bool AsksSession => false;

    /// <summary>Begins a scan. More rows than those asked for may come: SQLite compares the key itself.</summary>
    /// <param name="key">
    /// The column of <see cref="Keys"/> that must have the value of the call's only argument, which is of the column's class and not null;
    /// -1 for all rows.
    /// </param>
    /// <param name="call">The arguments of a function, or the key's value; borrowed until the scan has begun. It takes no answer.</param>
    public abstract SqlRowScan Scan(int key, in FunctionCall call);
}

/// <param name="Type">The declared type, which gives the column its affinity; empty for none.</param>
public readonly record struct SqlTableColumn(string Name, string Type)
{
    public string Collation { get; init; } = "";
}

/// <summary>A scan, which stands before its first row.</summary>
public abstract class SqlRowScan : IDisposable
{
    /// <summary>Moves to the next row; false behind the last one.</summary>
    public abstract bool Read();

    /// <summary>Answers with a column of the row.</summary>
    public abstract void Column(int column, in FunctionCall answer);

    /// <summary>
    /// The row's number, by which SQLite knows rows that it has found by another key before: the same in every scan of a table with keys. Null for the
    /// place in this scan.
    /// </summary>
    public virtual long? Number => null;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>Reads on the connection of a running statement, in its transaction.</summary>
public interface IConnectionSql
{
    /// <summary>SQLite's schema cookie, as the transaction sees it.</summary>
    long SchemaVersion { get; }

    /// <summary>A number for the schema that no other schema of the process has: also changes that are undone later have one of their own.</summary>
    long SchemaStamp { get; }

    /// <summary>Runs a statement of ours that reads.</summary>
    void Read(Statement statement, RowVisitor visit);
}

/// <summary>Sees one row; the values are borrowed until it returns.</summary>
public delegate void RowVisitor(in SqlRow row);

/// <summary>A row of <see cref="IConnectionSql.Read"/>.</summary>
public readonly unsafe ref struct SqlRow
{
    private readonly nint _statement;

    internal SqlRow(nint statement) => _statement = statement;

    public SqliteValue this[int column] => (StorageClass)Native.sqlite3_column_type(_statement, column) switch
    {
        StorageClass.Integer => SqliteValue.FromInteger(Native.sqlite3_column_int64(_statement, column)),
        StorageClass.Real => SqliteValue.FromReal(Native.sqlite3_column_double(_statement, column)),
        StorageClass.Text => SqliteValue.FromText(
            new(Native.sqlite3_column_text(_statement, column), Native.sqlite3_column_bytes(_statement, column))),
        StorageClass.Blob => SqliteValue.FromBlob(
            new(Native.sqlite3_column_blob(_statement, column), Native.sqlite3_column_bytes(_statement, column))),
        _ => SqliteValue.Null,
    };
}
