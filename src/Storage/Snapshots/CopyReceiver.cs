using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Storage;

/// <summary>Writes an arriving copy into a directory of its own and checks its hash; the live database is not touched.</summary>
internal sealed class CopyReceiver(string folder, StorageFiles files)
{
    private readonly XxHash128 _hash = new();
    private readonly string _mainPath = Path.Combine(folder, GenerationDirectory.MainName);

    /// <exception cref="StorageException">The stream ends early, is damaged or is no copy, or the disk refuses it.</exception>
    public async ValueTask ReceiveAsync(Stream source, CancellationToken token)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyFormat.BufferLength);
        try
        {
            await ReceiveAsync(source, buffer, token).ConfigureAwait(false);
        }
        catch (EndOfStreamException)
        {
            throw CopyFormat.Damaged("it ends early");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask ReceiveAsync(Stream source, byte[] buffer, CancellationToken token)
    {
        await ReadAsync(source, buffer.AsMemory(0, CopyFormat.HeaderLength), token).ConfigureAwait(false);
        var length = CopyFormat.ReadHeader(buffer);
        await ReceiveFileAsync(source, _mainPath, length, buffer, token).ConfigureAwait(false);
        while (true)
        {
            await ReadAsync(source, buffer.AsMemory(0, 1), token).ConfigureAwait(false);
            switch (buffer[0])
            {
                case CopyFormat.WalPart:
                    await ReadAsync(source, buffer.AsMemory(0, CopyFormat.WalHeadLength - 1), token).ConfigureAwait(false);
                    length = CopyFormat.ReadWalLength(buffer);
                    await ReceiveFileAsync(source, _mainPath + "-wal", length, buffer, token).ConfigureAwait(false);
                    break;
                case CopyFormat.EndPart:
                    await CheckHashAsync(source, buffer, token).ConfigureAwait(false);
                    return;
                default:
                    throw CopyFormat.Damaged($"a part has the unknown kind {buffer[0]}");
            }
        }
    }

    private async ValueTask ReceiveFileAsync(Stream source, string path, long length, byte[] buffer, CancellationToken token)
    {
        using var file = Create(path);
        for (long offset = 0; offset < length;)
        {
            var chunk = buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - offset));
            await ReadAsync(source, chunk, token).ConfigureAwait(false);
            try
            {
                await RandomAccess.WriteAsync(file, chunk, offset, token).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw StorageFiles.Failure("write", path, e);
            }

            offset += chunk.Length;
            if (offset >= length / 2 && offset - chunk.Length < length / 2)
            {
                files.Passing(StorageStep.ReceiveMiddle);
            }
        }
    }

    private async ValueTask CheckHashAsync(Stream source, byte[] buffer, CancellationToken token)
    {
        var computed = _hash.GetCurrentHashAsUInt128();
        await source.ReadExactlyAsync(buffer.AsMemory(0, CopyFormat.HashLength), token).ConfigureAwait(false);
        if (BinaryPrimitives.ReadUInt128LittleEndian(buffer) != computed)
        {
            throw CopyFormat.Damaged("its hash does not match its content");
        }

        files.Passing(StorageStep.ReceiveVerified);
    }

    private async ValueTask ReadAsync(Stream source, Memory<byte> target, CancellationToken token)
    {
        await source.ReadExactlyAsync(target, token).ConfigureAwait(false);
        _hash.Append(target.Span);
    }

    private static SafeFileHandle Create(string path)
    {
        try
        {
            var handle = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read, FileOptions.Asynchronous);
            OwnerOnly.Restrict(handle);
            return handle;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageFiles.Failure("create", path, e);
        }
    }
}
