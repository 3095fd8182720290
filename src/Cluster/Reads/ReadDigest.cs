using System.IO.Hashing;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>A read and its answer, as a digest of the columns and rows.</summary>
internal readonly record struct ReadDigest(Statement Statement, UInt128 Digest)
{
    /// <summary>Larger answers are not checked again: the writer would be held up for too long.</summary>
    private const long AnswerBytesMax = 16 << 20;

    private const int PieceBytes = 64 << 10;

    /// <summary>The digest of an answer; null if it is too large or ends in an error.</summary>
    public static async ValueTask<UInt128?> OfAsync(RowCursor cursor, CancellationToken token)
    {
        var hash = new XxHash128();
        var piece = new System.Buffers.ArrayBufferWriter<byte>();
        long bytes = 0;
        while (await cursor.WaitToReadAsync(token).ConfigureAwait(false))
        {
            while (cursor.TryRead())
            {
                RowEncoding.WriteRow(piece, cursor, cursor.Schema.Columns.Count);
                if (piece.WrittenCount >= PieceBytes)
                {
                    bytes += Take(hash, piece);
                    if (bytes > AnswerBytesMax)
                    {
                        return null;
                    }
                }
            }
        }

        RowEncoding.WriteSchema(piece, cursor.Schema);
        _ = Take(hash, piece);
        return cursor.Outcome.Error is null ? hash.GetCurrentHashAsUInt128() : null;
    }

    /// <summary>True if all reads would have the same answers in a transaction now.</summary>
    public static async ValueTask<bool> AllHoldAsync(ITransaction transaction, IReadOnlyList<ReadDigest> reads, CancellationToken token)
    {
        foreach (var (statement, digest) in reads)
        {
            var cursor = await transaction.RunAsync(statement, null, token).ConfigureAwait(false);
            await using (cursor.ConfigureAwait(false))
            {
                if (await OfAsync(cursor, token).ConfigureAwait(false) != digest)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static int Take(XxHash128 hash, System.Buffers.ArrayBufferWriter<byte> piece)
    {
        var bytes = piece.WrittenCount;
        hash.Append(piece.WrittenSpan);
        piece.ResetWrittenCount();
        return bytes;
    }
}
