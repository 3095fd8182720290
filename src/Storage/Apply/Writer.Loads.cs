using System.Buffers.Binary;

namespace Rqlite.Pg.Storage;

/// <content>Entries that replace the database by a file.</content>
public sealed unsafe partial class Writer
{
    // Keeps the digests of loads apart from those of other entries.
    private const ulong LoadDigest = 0x6c6f6164;

    /// <summary>
    /// Rolls back what is run ahead of its entry, and answers with the position of the database that takes the present one's place. The digest
    /// follows from the entry alone.
    /// </summary>
    internal AppliedPosition BeginLoad(in EntryStamp stamp, DatabaseLoad load)
    {
        EnterForEntry();
        try
        {
            DropGroup();
            CheckNext(stamp);
            var digest = new Mixer(LoadDigest);
            digest.Add(load.Id.Span);
            digest.Add((ulong)load.Bytes);
            digest.Add(BinaryPrimitives.ReadUInt64LittleEndian(load.Hash.Span));
            return Next(_position, stamp, digest.Value);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Notes an entry whose load has no effect.</summary>
    internal void PassOverLoad(in EntryStamp stamp)
    {
        EnterForEntry();
        try
        {
            DropGroup();
            CheckNext(stamp);
            var position = Next(_position, stamp, LoadDigest);
            _transaction!.Begin();
            try
            {
                Commit(position);
            }
            catch
            {
                _transaction.RollbackQuietly();
                throw;
            }

            _position = position;
            _definitions++;
            _committed(_position);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>For work in the middle of an entry that takes long.</summary>
    internal void ThrowIfStopped() => ThrowIfStopping();
}
