using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Storage;

/// <summary>A database file of a client's, checked and without what belonged to another cluster. Disposing it deletes it.</summary>
public sealed class UploadedDatabase : IAsyncDisposable
{
    private readonly SafeFileHandle _file;
    private Action? _end;

    private UploadedDatabase(SafeFileHandle file, DatabaseLoad load, Action end)
    {
        _file = file;
        _end = end;
        Load = load;
    }

    public DatabaseLoad Load { get; }

    internal static UploadedDatabase Open(string path, Action end)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        try
        {
            return new(file, Describe(file), end);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of a chunk, numbered from 1.</summary>
    public byte[] ReadChunk(int number)
    {
        var offset = (number - 1L) * DatabaseLoad.ChunkBytes;
        var chunk = new byte[Math.Min(DatabaseLoad.ChunkBytes, Load.Bytes - offset)];
        for (var read = 0; read < chunk.Length;)
        {
            var some = RandomAccess.Read(_file, chunk.AsSpan(read), offset + read);
            read += some > 0 ? some : throw new EndOfStreamException("The uploaded file has become shorter.");
        }

        return chunk;
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        Interlocked.Exchange(ref _end, null)?.Invoke();
        return ValueTask.CompletedTask;
    }

    private static DatabaseLoad Describe(SafeFileHandle file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[DatabaseLoad.ChunkBytes];
        long length = 0;
        for (int read; (read = RandomAccess.Read(file, buffer, length)) > 0; length += read)
        {
            hash.AppendData(buffer, 0, read);
        }

        return new(
            DatabaseLoad.NewId(), checked((int)((length + DatabaseLoad.ChunkBytes - 1) / DatabaseLoad.ChunkBytes)), length, hash.GetHashAndReset());
    }
}
