using System.Security.Cryptography;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Builds the database of a load in a folder of its own: the file of its chunks, with the state of the cluster that the live database has. What it
/// makes follows from the live database and the entry alone.
/// </summary>
internal sealed class StagedLoad(string folder, StorageOptions options, StorageFiles files, Action look)
{
    // What belongs to the cluster and not to the data.
    private static readonly string[] s_kept = ["_rqlite_requests", "_rqlite_locks", "_rqlite_lock_tickets", "_rqlite_skipped"];

    private readonly string _path = Path.Combine(folder, GenerationDirectory.MainName);

    /// <summary>False if the chunks are not those of the load, which every node finds alike.</summary>
    /// <param name="live">A connection to the live database.</param>
    /// <param name="position">The position that the new database is at.</param>
    /// <exception cref="StorageException">The disk refused, or the file is no database.</exception>
    public bool TryBuild(Connection live, DatabaseLoad load, in AppliedPosition position)
    {
        if (!TryWriteFile(live, load))
        {
            return false;
        }

        files.Passing(StorageStep.LoadWritten);
        Finish(live, load, position);
        files.SyncFile(_path);
        files.SyncDirectory(folder);
        files.Passing(StorageStep.LoadStaged);
        return true;
    }

    private bool TryWriteFile(Connection live, DatabaseLoad load)
    {
        if (!LoadTable.Exists(live))
        {
            return false;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var chunks = live.Prepare($"SELECT number, load, data FROM main.{OwnTables.Load} WHERE number > 0 ORDER BY number");
        var buffer = new byte[DatabaseLoad.ChunkBytes];
        long length = 0;
        try
        {
            using var file = File.OpenHandle(_path, FileMode.Create, FileAccess.Write, FileShare.Read);
            OwnerOnly.Restrict(file);
            for (var number = 1; chunks.Step() == ResultCode.Row; number++)
            {
                look();
                var bytes = chunks.Integer(0) == number && number <= load.Chunks && chunks.Blob(1).AsSpan().SequenceEqual(load.Id.Span)
                    ? LoadTable.Decode(chunks.Blob(2), buffer) : -1;
                if (bytes != Math.Min(buffer.Length, load.Bytes - length))
                {
                    return false;
                }

                hash.AppendData(buffer, 0, bytes);
                RandomAccess.Write(file, buffer.AsSpan(0, bytes), length);
                length += bytes;
            }
        }
        catch (IOException e)
        {
            throw StorageFiles.Failure("write", _path, e);
        }

        return length == load.Bytes && hash.GetHashAndReset().AsSpan().SequenceEqual(load.Hash.Span);
    }

    private unsafe void Finish(Connection live, DatabaseLoad load, in AppliedPosition position)
    {
        using var staged = Connection.Open(_path, options, writer: true, clock: null);
        staged.Execute("BEGIN IMMEDIATE");
        foreach (var table in OwnTables.OfCluster)
        {
            staged.Execute($"DROP TABLE IF EXISTS main.{table}");
        }

        EntryTransaction.CreateTables(staged);
        foreach (var table in s_kept)
        {
            CopyRows(live, staged, table);
        }

        using (var request = staged.Prepare("INSERT OR REPLACE INTO _rqlite_requests(id, idx, time, result) VALUES(?1, ?2, ?3, NULL)"))
        {
            // A load that is sent again finds that it has taken effect.
            request.Bind(1, load.Id.Span).Bind(2, position.Index).Bind(3, position.Time).Run();
        }

        using (var place = staged.Prepare(
            "UPDATE _rqlite_meta SET idx=?1, term=?2, time=?3, digest=?4, base_idx=?5, base_term=?6 WHERE id=1"))
        {
            place.Bind(1, position.Index).Bind(2, position.Term).Bind(3, position.Time).Bind(4, (long)position.Digest)
                .Bind(5, position.BaseIndex).Bind(6, position.BaseTerm).Run();
        }

        staged.Execute("COMMIT");

        // Statements prepared for the former schema must not pass for statements of this one, so its version is another.
        staged.SetSchemaVersion(live.Sql.SchemaVersion + 1);
        int frames, copied;
        fixed (byte* main = "main\0"u8)
        {
            staged.Check(
                Native.sqlite3_wal_checkpoint_v2(staged.Handle, main, Native.CheckpointTruncate, &frames, &copied), "cannot merge the WAL of a loaded database");
        }
    }

    private static void CopyRows(Connection live, Connection staged, string table)
    {
        var definition = live.Scalar($"SELECT sql FROM main.sqlite_schema WHERE type='table' AND name='{table}'");
        if (definition is null)
        {
            return;
        }

        if (staged.Scalar($"SELECT sql FROM main.sqlite_schema WHERE type='table' AND name='{table}'") is null)
        {
            staged.Execute(definition);
        }

        staged.Execute($"DELETE FROM main.{table}");
        using var rows = live.Prepare($"SELECT * FROM main.{table}");
        var count = rows.ColumnCount;
        using var insert = staged.Prepare($"INSERT INTO main.{table} VALUES({string.Join(',', Enumerable.Repeat('?', count))})");
        while (rows.Step() == ResultCode.Row)
        {
            for (var i = 0; i < count; i++)
            {
                insert.BindColumn(i + 1, rows, i);
            }

            insert.Run();
        }
    }
}
