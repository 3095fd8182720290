using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>DataRow: for each column a length, -1 for NULL, and the value in the announced type and format.</summary>
internal static class DataRow
{
    [ThreadStatic]
    private static FrameWriter? t_frame;

    /// <exception cref="TypeException">A value cannot be shown as the announced type; nothing of the row has been written.</exception>
    public static void Write(
        IBufferWriter<byte> output, ClientEncoding encoding, RowCursor row, OutputColumn[] columns, FormatSettings settings)
    {
        var frame = t_frame ??= new FrameWriter();
        frame.Start(output, (byte)'D');
        try
        {
            frame.WriteInt16(columns.Length);
            for (var i = 0; i < columns.Length; i++)
            {
                var value = row[i];
                var start = frame.Position;
                if (columns[i].Binary)
                {
                    BinaryFormat.Write(frame, value, columns[i].Written, columns[i].Names);
                }
                else
                {
                    TextFormat.Write(frame, value, columns[i].Written, settings, columns[i].Names);
                }

                if (encoding.Converts)
                {
                    columns[i].Convert(frame, start, encoding);
                }
            }

            frame.End();
        }
        finally
        {
            frame.Drop();
        }
    }
}
