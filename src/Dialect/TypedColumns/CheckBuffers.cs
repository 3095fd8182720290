using System.Buffers;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.TypedColumns;

/// <summary>The memory in which values are compared with their stored forms; shared by all columns, a value at a time.</summary>
internal sealed class CheckBuffers
{
    private const int KeptMax = 1 << 20;

    public ArrayBufferWriter<byte> Text { get; private set; } = new();

    public StoredValue Stored { get; private set; } = new();

    /// <summary>The buffer for the next value's text.</summary>
    public ArrayBufferWriter<byte> Begin()
    {
        // A value that was refused has left its buffers.
        End();
        Text.ResetWrittenCount();
        return Text;
    }

    /// <summary>Gives back what a large value has taken.</summary>
    public void End()
    {
        if (Text.Capacity > KeptMax)
        {
            (Text, Stored) = (new(), new());
        }
    }
}
