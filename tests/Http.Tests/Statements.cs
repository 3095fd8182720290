using System.Buffers;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http.Tests;

/// <summary>Feeds a reader in pieces, and shows statements as text.</summary>
internal static class Statements
{
    public static List<Statement> Read(ReadOnlySpan<byte> body, int pieceLength = int.MaxValue, int statementsMax = 1000)
    {
        using var reader = new StatementReader(statementsMax);
        var all = new ReadOnlySequence<byte>(body.ToArray());
        var consumed = 0L;
        for (var end = Math.Min(pieceLength, all.Length); ; end = Math.Min(end + pieceLength, all.Length))
        {
            var isFinal = end == all.Length;
            var piece = Chop(all.Slice(consumed, end - consumed), pieceLength);
            var position = reader.Read(piece, isFinal);
            consumed += piece.Slice(0, position).Length;
            if (isFinal)
            {
                return reader.Finish();
            }
        }
    }

    public static string Show(IEnumerable<Statement> statements) => string.Join("; ", statements.Select(Show));

    private static string Show(Statement statement)
    {
        var shown = new StringBuilder(Encoding.UTF8.GetString(statement.Sql.Span));
        var parameters = new ParameterEncoding.Reader(statement.Parameters.Span);
        while (parameters.Read())
        {
            var value = parameters.Value;
            shown.Append(" | ");
            if (!parameters.Name.IsEmpty)
            {
                shown.Append(Encoding.UTF8.GetString(parameters.Name)).Append('=');
            }

            shown.Append(value.Class switch
            {
                StorageClass.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
                StorageClass.Real => "real " + value.Real.ToString("R", CultureInfo.InvariantCulture),
                StorageClass.Text => $"'{Encoding.UTF8.GetString(value.Bytes)}'",
                StorageClass.Blob => $"x'{Convert.ToHexStringLower(value.Bytes)}'",
                _ => "null",
            });
        }

        return shown.ToString();
    }

    private static ReadOnlySequence<byte> Chop(ReadOnlySequence<byte> bytes, int pieceLength)
    {
        if (bytes.Length <= pieceLength)
        {
            return bytes;
        }

        var first = new Segment(bytes.Slice(0, pieceLength).ToArray(), 0);
        var last = first;
        for (long at = pieceLength; at < bytes.Length; at += pieceLength)
        {
            last = last.Append(bytes.Slice(at, Math.Min(pieceLength, bytes.Length - at)).ToArray());
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, long index)
        {
            Memory = bytes;
            RunningIndex = index;
        }

        public Segment Append(byte[] bytes)
        {
            var next = new Segment(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
