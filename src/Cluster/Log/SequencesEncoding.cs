using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// <see cref="StatementSequences"/> in the log: a byte, 0 for none; else 1, count of positions (int32) and for each id, value (int64 each) and
/// whether it was called (byte); a byte, 1 if the session's values follow: the sequence drawn from last (int64) and the values.
/// </summary>
internal static class SequencesEncoding
{
    private const int PositionBytes = 8 + 8 + 1;

    public static long Measure(StatementSequences? sequences) => sequences is null
        ? 1
        : 1 + 4 + (PositionBytes * (long)sequences.Positions.Count) + 1
            + (sequences.Session is { } values ? 8 + 4 + CallerEncoding.Measure(values) : 0);

    public static void Write(IBufferWriter<byte> output, StatementSequences? sequences)
    {
        output.WriteBoolean(sequences is not null);
        if (sequences is null)
        {
            return;
        }

        output.WriteInt32(sequences.Positions.Count);
        foreach (var position in sequences.Positions)
        {
            output.WriteInt64(position.Id);
            output.WriteInt64(position.Value);
            output.WriteBoolean(position.Called);
        }

        output.WriteBoolean(sequences.Session is not null);
        if (sequences.Session is { } values)
        {
            output.WriteInt64(sequences.LastSequence);
            CallerEncoding.WriteValues(output, values);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are no such encoding.</exception>
    public static StatementSequences? Read(ref FieldReader reader)
    {
        if (!reader.ReadBoolean())
        {
            return null;
        }

        var positions = new SequencePoint[reader.ReadCount(PositionBytes)];
        for (var i = 0; i < positions.Length; i++)
        {
            var (id, value) = (reader.ReadInt64(), reader.ReadInt64());
            positions[i] = new(id, value, reader.ReadBoolean());
        }

        if (!reader.ReadBoolean())
        {
            return new(positions, null, 0);
        }

        var last = reader.ReadInt64();
        return new(positions, CallerEncoding.ReadValues(ref reader), last);
    }
}
