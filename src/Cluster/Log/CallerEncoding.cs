using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// A <see cref="CallerSession"/> in the log: a byte, 0 for none; else 1, or 2 with settings; the node (16 bytes), session (int64), process id
/// (int32), the sequence drawn from last (int64), count of sequences (int32), and for each id, last, cached and increment (int64 each) and the
/// name; then the settings (<see cref="SettingsEncoding"/>).
/// </summary>
internal static class CallerEncoding
{
    private const int HeadBytes = 16 + 8 + 4 + 8 + 4;
    private const int SequenceBytesMin = 8 + 8 + 8 + 8 + 4;
    private const byte None = 0;
    private const byte Session = 1;
    private const byte SessionWithSettings = 2;

    /// <summary>The length of the encoding in bytes.</summary>
    public static long Measure(CallerSession? caller)
    {
        if (caller is null)
        {
            return 1;
        }

        return 1 + HeadBytes + Measure(caller.Sequences) + (caller.Settings is { } settings ? SettingsEncoding.Measure(settings) : 0);
    }

    public static long Measure(IReadOnlyList<SequenceValue> values)
    {
        long bytes = 0;
        foreach (var value in values)
        {
            bytes += SequenceBytesMin + System.Text.Encoding.UTF8.GetByteCount(value.Name);
        }

        return bytes;
    }

    public static void Write(IBufferWriter<byte> output, CallerSession? caller)
    {
        output.WriteByte(caller is null ? None : caller.Settings is null ? Session : SessionWithSettings);
        if (caller is null)
        {
            return;
        }

        output.Write(caller.Node.ToByteArray());
        output.WriteInt64(caller.Session);
        output.WriteInt32(caller.ProcessId);
        output.WriteInt64(caller.LastSequence);
        WriteValues(output, caller.Sequences);
        if (caller.Settings is { } settings)
        {
            SettingsEncoding.Write(output, settings);
        }
    }

    public static void WriteValues(IBufferWriter<byte> output, IReadOnlyList<SequenceValue> values)
    {
        output.WriteInt32(values.Count);
        foreach (var value in values)
        {
            output.WriteInt64(value.Id);
            output.WriteInt64(value.Last);
            output.WriteInt64(value.Cached);
            output.WriteInt64(value.Increment);
            output.WriteString(value.Name);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are not such a session.</exception>
    public static CallerSession? Read(ref FieldReader reader)
    {
        var kind = reader.ReadByte();
        if (kind is not (Session or SessionWithSettings))
        {
            return kind == None ? null : throw new InvalidDataException($"A session has the kind {kind}.");
        }

        var node = new Guid(reader.ReadSpan(16));
        var session = reader.ReadInt64();
        var processId = reader.ReadInt32();
        var last = reader.ReadInt64();
        return new(node, session, processId, ReadValues(ref reader), last)
        {
            Settings = kind == SessionWithSettings ? SettingsEncoding.Read(ref reader) : null,
        };
    }

    public static SequenceValue[] ReadValues(ref FieldReader reader)
    {
        var sequences = new SequenceValue[reader.ReadCount(SequenceBytesMin)];
        for (var i = 0; i < sequences.Length; i++)
        {
            var (id, last) = (reader.ReadInt64(), reader.ReadInt64());
            var (cached, increment) = (reader.ReadInt64(), reader.ReadInt64());
            sequences[i] = new(id, reader.ReadString(), last, cached, increment);
        }

        return sequences;
    }
}
