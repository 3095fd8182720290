namespace Rqlite.Pg.Storage;

/// <summary>Turns a received main file and WAL into one closed, durable database that knows its own base.</summary>
internal static class StagedCopy
{
    public static unsafe (long Index, long Term) Finish(string folder, StorageOptions options, StorageFiles files)
    {
        var path = Path.Combine(folder, GenerationDirectory.MainName);
        (long Index, long Term) position;
        using (var connection = Connection.Open(path, options, writer: true, clock: null))
        {
            if (options.QuickCheckCopies && connection.Scalar("PRAGMA quick_check(1)") is var verdict and not "ok")
            {
                throw CopyFormat.Damaged($"quick_check says: {verdict}");
            }

            var found = EntryTransaction.ReadPosition(connection);
            position = (found.Index, found.Term);
            connection.Execute("UPDATE _rqlite_meta SET base_idx=idx, base_term=term WHERE id=1");
            int frames, copied;
            fixed (byte* main = "main\0"u8)
            {
                connection.Check(
                    Native.sqlite3_wal_checkpoint_v2(connection.Handle, main, Native.CheckpointTruncate, &frames, &copied),
                    "cannot merge the WAL of a received copy");
            }
        }

        files.SyncFile(path);
        files.SyncDirectory(folder);
        files.Passing(StorageStep.ReceiveStaged);
        return position;
    }
}
