using System.Buffers;
using System.Text;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Fields of messages between nodes that <see cref="FieldWriting"/> does not have.</summary>
internal static class MessageWriter
{
    public static void WriteGuid(this IBufferWriter<byte> output, Guid value)
    {
        value.TryWriteBytes(output.GetSpan(16));
        output.Advance(16);
    }

    public static void WriteText(this IBufferWriter<byte> output, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        output.WriteInt32(length);
        Encoding.UTF8.GetBytes(value, output.GetSpan(Math.Max(length, 1)));
        output.Advance(length);
    }
}
