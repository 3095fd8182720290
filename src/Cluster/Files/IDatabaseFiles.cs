using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The database as a file: backups of it, and files that take its place.</summary>
public interface IDatabaseFiles
{
    /// <summary>
    /// Makes a backup of one state of the database, on the leader or on this node. From the leader it holds every write that was acknowledged
    /// before the call.
    /// </summary>
    /// <param name="anyNode">This node makes it, whatever it knows of the leader.</param>
    /// <param name="forward">A node that does not lead asks the leader for it; otherwise it refuses.</param>
    /// <param name="timeout">The longest wait for the leader.</param>
    ValueTask<BackupContent> BackUpAsync(BackupRequest request, bool anyNode, bool forward, TimeSpan timeout, CancellationToken token);

    /// <summary>
    /// Puts a SQLite file in the place of the database, on all nodes. It is received and checked here, travels through the log in chunks, and takes
    /// effect with a last entry, as a whole.
    /// </summary>
    /// <param name="timeout">The longest wait for each entry.</param>
    /// <exception cref="ClusterException"><see cref="ClusterError.Invalid"/>: the file cannot become the database. Only
    /// <see cref="ClusterError.OutcomeUnknown"/> leaves open whether it has.</exception>
    ValueTask LoadAsync(Stream file, bool forward, TimeSpan timeout, CancellationToken token);
}

/// <summary>A backup on its way to a client. Disposing it ends it, wherever it is made.</summary>
public abstract class BackupContent : IAsyncDisposable
{
    /// <summary>The length in bytes, if it is known before the end.</summary>
    public abstract long? Length { get; }

    /// <summary>The node that made it, if it was another one.</summary>
    public abstract NodeDescription? ServedBy { get; }

    /// <summary>Sends it at the pace of its receiver; nothing of it is kept in memory.</summary>
    public abstract ValueTask CopyToAsync(Stream destination, CancellationToken token);

    public abstract ValueTask DisposeAsync();
}
