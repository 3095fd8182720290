namespace Rqlite.Pg.Storage;

/// <summary>A backup that waits to be sent. Disposing it deletes its files.</summary>
public sealed class BackupFile : IAsyncDisposable
{
    private const int BufferLength = 256 << 10;

    private readonly string _path;
    private readonly BackupRequest _request;
    private readonly SqlExtensions _extensions;
    private Action? _end;

    internal BackupFile(string path, BackupRequest request, SqlExtensions extensions, Action end)
    {
        _path = path;
        _request = request;
        _extensions = extensions;
        _end = end;
        Length = request.Format == BackupFormat.Sql ? null : new FileInfo(path).Length;
    }

    /// <summary>The length in bytes; null for a text, which is made while it is sent.</summary>
    public long? Length { get; }

    internal string Path => _path;

    /// <summary>Sends the backup at the pace of its receiver.</summary>
    public async ValueTask CopyToAsync(Stream destination, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (_request.Format == BackupFormat.Sql)
        {
            using var database = new ScratchDatabase(_path, _extensions);
            await new SqlDump(database, destination, _request.Tables).WriteAsync(token).ConfigureAwait(false);
            return;
        }

        var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using (file.ConfigureAwait(false))
        {
            await file.CopyToAsync(destination, BufferLength, token).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _end, null)?.Invoke();
        return ValueTask.CompletedTask;
    }
}
