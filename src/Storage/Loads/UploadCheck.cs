using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Decides whether a file of a client's may become the database: SQLite finds it whole, it has nothing that only a statement of ours may make, and
/// nothing that this program does not know.
/// </summary>
internal sealed partial class UploadCheck(string path, StorageOptions options)
{
    private const int HeaderLength = 100;

    /// <exception cref="LoadRefusedException">It may not; the message says why.</exception>
    public void Run()
    {
        try
        {
            CheckHeader();
            bool whole;
            using (var database = new ScratchDatabase(path, options.Sql))
            {
                CheckNames(database);
                whole = TryCheckIntegrity(database);
                database.RemoveClusterState();
                database.Checkpoint();
                database.SetJournalMode("delete");
            }

            if (!whole)
            {
                CheckIntegrityWithExtensions();
            }
        }
        catch (Exception e) when (e is SqliteException or StorageException)
        {
            throw new LoadRefusedException($"invalid SQLite data: {e.Message}", e);
        }
    }

    private void CheckHeader()
    {
        using var file = File.OpenHandle(path);
        var header = new byte[HeaderLength];
        if (RandomAccess.Read(file, header, 0) < HeaderLength || !header.AsSpan().StartsWith("SQLite format 3\0"u8))
        {
            throw new LoadRefusedException("invalid SQLite data");
        }
    }

    private void CheckNames(ScratchDatabase database)
    {
        if (database.Scalar("PRAGMA encoding") is not "UTF-8")
        {
            throw new LoadRefusedException("the file holds its text in UTF-16; only UTF-8 is taken");
        }

        foreach (var row in database.Rows("SELECT type, name, tbl_name, sql FROM main.sqlite_schema"))
        {
            CheckObject(row[0] ?? "", row[1] ?? "", row[2] ?? "", row[3] ?? "");
        }

        foreach (var row in database.Rows(
            "SELECT m.name, group_concat(c.name ORDER BY c.cid) FROM main.sqlite_schema m, pragma_table_xinfo(m.name) c "
            + $"WHERE m.type='table' AND lower(substr(m.name, 1, 8))='{OwnTables.Prefix}' GROUP BY m.name"))
        {
            CheckClusterTable(row[0] ?? "", row[1] ?? "");
        }

        var foreign = database.Scalar(
            "SELECT m.name FROM main.sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type='table' AND lower(substr(f.\"table\", 1, 8))=$p",
            ("$p", OwnTables.Prefix));
        if (foreign is string table && !OwnTables.IsOwn(table))
        {
            throw new LoadRefusedException($"table {table} refers to a table whose name begins with {OwnTables.Prefix}, which is reserved");
        }
    }

    /// <summary>Tables of the cluster's state are dropped: one that only has such a name holds a client's data, which must not be lost unseen.</summary>
    private static void CheckClusterTable(string name, string columns)
    {
        if (OwnTables.OfCluster.Contains(name, StringComparer.OrdinalIgnoreCase) && OwnTables.ColumnsOfCluster.GetValueOrDefault(name) != columns)
        {
            throw new LoadRefusedException(
                $"table {name} is not the server's own: names that begin with {OwnTables.Prefix} are reserved, so rename it before the file is loaded");
        }
    }

    private void CheckObject(string type, string name, string table, string sql)
    {
        if (OwnTables.IsOwn(name) || (OwnTables.IsOwn(table) && sql.Length > 0))
        {
            if (!IsKnown(type, name, table, sql))
            {
                throw new LoadRefusedException($"{type} {name} is not known: names that begin with {OwnTables.Prefix} are reserved");
            }

            return;
        }

        if (type is "table" or "view" && (ExtensionNames.Of(options.Sql).IsTable(name) || options.Node.HasTable(name)))
        {
            throw new LoadRefusedException($"the name {name} is that of a table of the server");
        }

        if (VirtualTable().Match(sql) is { Success: true } made && !Authorizer.TakesModule(made.Groups["module"].Value))
        {
            throw new LoadRefusedException($"virtual table {name} is of the module {made.Groups["module"].Value}, which is not available");
        }

        foreach (Match own in OwnName().Matches(sql))
        {
            // Views read sequences and what the dialect knows of types; nothing else of ours may be called or named.
            if (type != "view" || !(own.Value.Equals(OwnTables.Sequences, StringComparison.OrdinalIgnoreCase) || Authorizer.IsMetadata(own.Value)))
            {
                throw new LoadRefusedException($"{type} {name} names {own.Value}: names that begin with {OwnTables.Prefix} are reserved");
            }
        }
    }

    /// <summary>A table that is dropped, with what belongs to it, or one of the dialect's as this version makes it.</summary>
    private bool IsKnown(string type, string name, string table, string sql)
    {
        if (OwnTables.OfCluster.Contains(table, StringComparer.OrdinalIgnoreCase))
        {
            return type is "table" or "index";
        }

        return type == "index" && sql.Length == 0
            || (type == "table" && name == table && (options.Sql.Metadata.Contains(sql) || sql == SequenceStore.Definition));
    }

    /// <summary>False if the check needs functions or collations of this project.</summary>
    private static bool TryCheckIntegrity(ScratchDatabase database)
    {
        try
        {
            Judge(database.Scalar("PRAGMA integrity_check(1)") as string);
            return true;
        }
        catch (SqliteException e) when (ScratchDatabase.NeedsExtension(e))
        {
            return false;
        }
    }

    private void CheckIntegrityWithExtensions()
    {
        using var connection = Connection.Open(path, options, writer: true, clock: null);
        Judge(connection.Scalar("PRAGMA integrity_check(1)"));
        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        connection.Execute("PRAGMA journal_mode=DELETE");
    }

    private static void Judge(string? verdict)
    {
        if (verdict != "ok")
        {
            throw new LoadRefusedException($"invalid SQLite data: {verdict}");
        }
    }

    [GeneratedRegex(@"^\s*CREATE\s+VIRTUAL\s+TABLE\s.*?\sUSING\s+[""'`\[]?(?<module>\w+)", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex VirtualTable();

    [GeneratedRegex(@"_rqlite_\w*", RegexOptions.IgnoreCase)]
    private static partial Regex OwnName();
}
