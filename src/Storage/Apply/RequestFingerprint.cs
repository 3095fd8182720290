using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Rqlite.Pg.Storage;

/// <summary>Tells whether two requests under one key are the same request: a digest of the options, the texts and the parameters.</summary>
internal static class RequestFingerprint
{
    public const int Bytes = 16;

    public static byte[] Of(StatementBatch batch)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([(byte)batch.Options]);
        foreach (var statement in batch.Statements)
        {
            Add(hash, statement.Sql.Span);
            Add(hash, statement.Parameters.Span);
            foreach (var step in statement.Steps)
            {
                Add(hash, step.Sql.Span);
                Add(hash, step.Parameters.Span);
            }
        }

        return hash.GetHashAndReset()[..Bytes];
    }

    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, field.Length);
        hash.AppendData(length);
        hash.AppendData(field);
    }
}
