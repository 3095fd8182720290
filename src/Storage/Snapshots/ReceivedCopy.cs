namespace Rqlite.Pg.Storage;

/// <summary>A verified, durable copy waiting for <see cref="Database.Install"/>; disposing it deletes it unless it was installed.</summary>
public sealed class ReceivedCopy : IAsyncDisposable
{
    private readonly StorageFiles _files;
    private string? _folder;

    internal ReceivedCopy(string folder, long index, long term, StorageFiles files)
    {
        _folder = folder;
        Index = index;
        Term = term;
        _files = files;
    }

    /// <summary>The applied index found inside the copy, which is its base, too.</summary>
    public long Index { get; }

    public long Term { get; }

    /// <summary>Hands the directory over to an install.</summary>
    internal string Take() =>
        Interlocked.Exchange(ref _folder, null) ?? throw new InvalidOperationException("The copy was installed or dropped before.");

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _folder, null) is { } folder)
        {
            _files.DeleteDirectory(folder);
        }

        return ValueTask.CompletedTask;
    }
}
