using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// <see cref="NodeRequestKind.Backup"/>: the request (version, format and vacuum, a byte each, then the count of tables and their names), and the
/// answer: a frame with the length (int64, -1 if it is not known), then the backup in frames.
/// </summary>
internal static class ForwardedBackup
{
    private const byte Version = 1;
    private const int TablesMax = 10_000;
    private const int FrameBytes = 256 << 10;

    public static ReadOnlyMemory<byte> Encode(BackupRequest request)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteByte(Version);
        output.WriteByte((byte)request.Format);
        output.WriteBoolean(request.Vacuum);
        output.WriteInt32(request.Tables.Count);
        foreach (var table in request.Tables)
        {
            output.WriteString(table);
        }

        return output.WrittenMemory;
    }

    /// <exception cref="InvalidDataException">The bytes are no such request.</exception>
    public static BackupRequest Parse(ReadOnlyMemory<byte> body)
    {
        var reader = new FieldReader(body);
        if (reader.ReadByte() != Version)
        {
            throw new InvalidDataException("A request for a backup has an unknown format.");
        }

        var format = (BackupFormat)reader.ReadByte();
        var vacuum = reader.ReadBoolean();
        var tables = new string[reader.ReadCount(sizeof(int))];
        if (format > BackupFormat.Sql || tables.Length > TablesMax)
        {
            throw new InvalidDataException("A request for a backup cannot be read.");
        }

        for (var i = 0; i < tables.Length; i++)
        {
            tables[i] = reader.ReadString();
        }

        reader.End();
        return new(format, vacuum, tables);
    }

    public static async ValueTask AnswerAsync(BackupContent backup, INodeAnswer answer, CancellationToken token)
    {
        var head = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(head, backup.Length ?? -1);
        await answer.WriteFrameAsync(head, token).ConfigureAwait(false);
        await answer.FlushAsync(token).ConfigureAwait(false);
        var frames = new FrameStream(answer);
        await using (frames.ConfigureAwait(false))
        {
            await backup.CopyToAsync(frames, token).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the beginning of an answer; the rest stays where it is made until it is copied.</summary>
    public static async ValueTask<BackupContent> ReadAsync(INodeResponse response, NodeDescription leader, CancellationToken token)
    {
        try
        {
            var head = await response.ReadFrameAsync(token).ConfigureAwait(false);
            if (head is not { Length: sizeof(long) } bytes)
            {
                throw new InvalidDataException("The answer to a request for a backup cannot be read.");
            }

            return new Arriving(response, leader, BinaryPrimitives.ReadInt64LittleEndian(bytes.Span));
        }
        catch
        {
            await response.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private sealed class Arriving(INodeResponse response, NodeDescription leader, long length) : BackupContent
    {
        public override long? Length => length < 0 ? null : length;

        public override NodeDescription? ServedBy => leader;

        public override async ValueTask CopyToAsync(Stream destination, CancellationToken token)
        {
            while (await response.ReadFrameAsync(token).ConfigureAwait(false) is { } frame)
            {
                await destination.WriteAsync(frame, token).ConfigureAwait(false);
            }
        }

        public override ValueTask DisposeAsync() => response.DisposeAsync();
    }

    /// <summary>Sends what is written to it as frames.</summary>
    private sealed class FrameStream(INodeAnswer answer) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (; !buffer.IsEmpty; buffer = buffer[Math.Min(FrameBytes, buffer.Length)..])
            {
                await answer.WriteFrameAsync(buffer[..Math.Min(FrameBytes, buffer.Length)], cancellationToken).ConfigureAwait(false);
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
