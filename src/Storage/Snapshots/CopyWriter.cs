using System.Buffers.Binary;
using System.Buffers;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Streams a live database: the main file, which does not change while the gate is held, then the WAL up to its length at that moment, so the
/// copy is as new as the end of the transfer. A transaction cut off at the WAL's end is dropped by SQLite's recovery.
/// </summary>
internal sealed class CopyWriter(Generation generation, StorageFiles files, long walLengthMax)
{
    private const int WalHeaderLength = 32;

    // Without checkpoints the WAL can start over once at most; a second time means that one is running.
    private const int WalAttempts = 3;

    private readonly XxHash128 _hash = new();
    private readonly long _walLengthMax = Math.Max(walLengthMax, LengthOf(generation.WalPath));

    /// <summary>
    /// Writes the copy; the caller holds the gate. Returns the value of <paramref name="applied"/> from before the WAL was measured.
    /// </summary>
    public async ValueTask<(long Index, long Term)> WriteAsync(Stream destination, Func<(long, long)> applied, CancellationToken token)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyFormat.BufferLength);
        try
        {
            files.Passing(StorageStep.CopyStarting);
            await WriteMainAsync(destination, buffer, token).ConfigureAwait(false);
            files.Passing(StorageStep.CopyMainSent);
            var position = await WriteWalAsync(destination, buffer, applied, token).ConfigureAwait(false);

            buffer[0] = CopyFormat.EndPart;
            _hash.Append(buffer.AsSpan(0, 1));
            BinaryPrimitives.WriteUInt128LittleEndian(buffer.AsSpan(1), _hash.GetCurrentHashAsUInt128());
            await destination.WriteAsync(buffer.AsMemory(0, 1 + CopyFormat.HashLength), token).ConfigureAwait(false);
            await destination.FlushAsync(token).ConfigureAwait(false);
            files.Passing(StorageStep.CopySent);
            return position;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask WriteMainAsync(Stream destination, byte[] buffer, CancellationToken token)
    {
        var length = RandomAccess.GetLength(generation.Main);
        CopyFormat.WriteHeader(buffer, length);
        await SendAsync(destination, buffer.AsMemory(0, CopyFormat.HeaderLength), token).ConfigureAwait(false);
        for (long offset = 0; offset < length;)
        {
            var count = (int)Math.Min(buffer.Length, length - offset);
            var read = await RandomAccess.ReadAsync(generation.Main, buffer.AsMemory(0, count), offset, token).ConfigureAwait(false);
            if (read == 0)
            {
                throw new StorageException(ResultCode.IOError, $"'{generation.MainPath}' became shorter while it was copied.");
            }

            await SendAsync(destination, buffer.AsMemory(0, read), token).ConfigureAwait(false);
            offset += read;
            CheckWalLength();
        }
    }

    private async ValueTask<(long Index, long Term)> WriteWalAsync(
        Stream destination, byte[] buffer, Func<(long, long)> applied, CancellationToken token)
    {
        if (!File.Exists(generation.WalPath))
        {
            var closed = applied();
            CopyFormat.WriteWalHead(buffer, 0);
            await SendAsync(destination, buffer.AsMemory(0, CopyFormat.WalHeadLength), token).ConfigureAwait(false);
            return closed;
        }

        // SQLite keeps no POSIX locks on the WAL, so a descriptor of it may be opened and closed.
        using var wal = File.OpenHandle(generation.WalPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        for (var attempt = 0; attempt < WalAttempts; attempt++)
        {
            var position = applied();
            var before = ReadWalHeader(wal);
            var complete = await WriteWalPartAsync(destination, wal, buffer, token).ConfigureAwait(false);
            if (complete && before.AsSpan().SequenceEqual(ReadWalHeader(wal)))
            {
                return position;
            }
        }

        throw new StorageException(ResultCode.IOError, $"'{generation.WalPath}' kept starting over while it was copied.");
    }

    private async ValueTask<bool> WriteWalPartAsync(Stream destination, SafeFileHandle wal, byte[] buffer, CancellationToken token)
    {
        var length = RandomAccess.GetLength(wal);
        CopyFormat.WriteWalHead(buffer, length);
        await SendAsync(destination, buffer.AsMemory(0, CopyFormat.WalHeadLength), token).ConfigureAwait(false);
        var complete = true;
        for (long offset = 0; offset < length;)
        {
            var count = (int)Math.Min(buffer.Length, length - offset);
            var read = await RandomAccess.ReadAsync(wal, buffer.AsMemory(0, count), offset, token).ConfigureAwait(false);
            if (read == 0)
            {
                // The WAL was cut when it started over: the announced length is filled with zeros, and the part is sent again.
                complete = false;
                buffer.AsSpan(0, count).Clear();
                read = count;
            }

            await SendAsync(destination, buffer.AsMemory(0, read), token).ConfigureAwait(false);
            offset += read;
        }

        return complete;
    }

    private async ValueTask SendAsync(Stream destination, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        _hash.Append(bytes.Span);
        await destination.WriteAsync(bytes, token).ConfigureAwait(false);
    }

    private void CheckWalLength()
    {
        var length = LengthOf(generation.WalPath);
        if (length > _walLengthMax)
        {
            throw new StorageException(
                ResultCode.Full,
                $"The copy was given up: the WAL has grown to {length} bytes while it was sent, beyond the limit of {_walLengthMax}.");
        }
    }

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private static byte[] ReadWalHeader(SafeFileHandle wal)
    {
        var header = new byte[WalHeaderLength];
        return RandomAccess.Read(wal, header, 0) == WalHeaderLength ? header : [];
    }
}
