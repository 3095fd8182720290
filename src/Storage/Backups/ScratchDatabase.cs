using Microsoft.Data.Sqlite;

namespace Rqlite.Pg.Storage;

/// <summary>
/// A database file beside the live one, opened as any program would: without this project's functions, hooks and authorizer, and with a page
/// cache of its own. Used by one caller at a time.
/// </summary>
internal sealed class ScratchDatabase : IDisposable
{
    private const int NoSuchObject = 1;

    private readonly SqliteConnection _connection;

    public ScratchDatabase(string path, SqlExtensions extensions)
    {
        // The allocator has to be there before SQLite is first used.
        SqliteMemory.Install();
        Path = path;
        var text = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 0 };
        _connection = new SqliteConnection(text.ToString());
        try
        {
            _connection.Open();
            foreach (var collation in extensions.Collations)
            {
                // A table without rowid can only be opened with the collations of its key. Their order does not matter to a scan.
                _connection.CreateCollation(collation.Name, string.CompareOrdinal);
            }

            Execute("PRAGMA trusted_schema=OFF");
            Execute("PRAGMA cell_size_check=ON");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public string Path { get; }

    public SqliteConnection Connection => _connection;

    /// <summary>True for the error of a statement that would need a function or collation of this project.</summary>
    public static bool NeedsExtension(SqliteException error) => error.SqliteErrorCode == NoSuchObject
        && (error.Message.Contains("no such function", StringComparison.Ordinal) || error.Message.Contains("unknown function", StringComparison.Ordinal)
            || error.Message.Contains("no such collation", StringComparison.Ordinal));

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public object? Scalar(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteScalar();
    }

    public long Integer(string sql, params ReadOnlySpan<(string Name, object Value)> parameters) => Scalar(sql, parameters) is long value ? value : 0;

    /// <summary>The rows of a query, whose columns are texts or null.</summary>
    public List<string?[]> Rows(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<string?[]>();
        while (reader.Read())
        {
            var row = new string?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
            }

            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Removes what belongs to the running cluster, and what it has left in free pages.</summary>
    public void RemoveClusterState()
    {
        Execute("PRAGMA secure_delete=ON");
        foreach (var table in OwnTables.OfCluster)
        {
            Execute($"DROP TABLE IF EXISTS main.{table}");
        }

        if (Integer("SELECT count(*) FROM main.sqlite_schema WHERE type='table' AND name=$n", ("$n", OwnTables.Sequences)) > 0
            && Integer($"SELECT count(*) FROM main.{OwnTables.Sequences}") == 0)
        {
            Execute($"DROP TABLE main.{OwnTables.Sequences}");
        }
    }

    /// <summary>Brings the write-ahead log into the main file.</summary>
    public void Checkpoint() => Execute("PRAGMA main.wal_checkpoint(TRUNCATE)");

    public void SetJournalMode(string mode)
    {
        if (Scalar($"PRAGMA main.journal_mode={mode}") is not string answer || !answer.Equals(mode, StringComparison.OrdinalIgnoreCase))
        {
            throw new StorageException(ResultCode.Error, $"The journal mode of {Path} could not be set to {mode}.");
        }
    }

    public void Dispose() => _connection.Dispose();

    private SqliteCommand Command(string sql, ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
