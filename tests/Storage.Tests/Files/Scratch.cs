using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>A SQLite file that another program would make or read.</summary>
internal sealed class Scratch : IDisposable
{
    public Scratch(string? path = null)
    {
        Path = path ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), "scratch-" + Guid.NewGuid().ToString("N"));
        Connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        Connection.Open();
    }

    public string Path { get; }

    public SqliteConnection Connection { get; }

    public Scratch Run(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
        return this;
    }

    /// <summary>Rows as <c>a|b;c|d</c>.</summary>
    public string Query(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount)
                .Select(i => reader.IsDBNull(i) ? "NULL" : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        }

        return string.Join(';', rows);
    }

    /// <summary>Closes the file and reads it.</summary>
    public byte[] Bytes()
    {
        Connection.Dispose();
        return File.ReadAllBytes(Path);
    }

    public void Dispose()
    {
        Connection.Dispose();
        foreach (var suffix in (string[])["", "-wal", "-shm", "-journal"])
        {
            File.Delete(Path + suffix);
        }
    }
}
