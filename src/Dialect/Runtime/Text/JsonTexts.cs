using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Arrays of text in their stored form.</summary>
internal static class JsonTexts
{
    public static void WriteArray(IEnumerable<string?> texts, IBufferWriter<byte> output)
    {
        output.Write("["u8);
        var first = true;
        foreach (var text in texts)
        {
            output.Write(first ? default : ","u8);
            first = false;
            if (text is null)
            {
                output.Write("null"u8);
            }
            else
            {
                JsonElements.Write(SqliteValue.FromText(Encoding.UTF8.GetBytes(text)), output);
            }
        }

        output.Write("]"u8);
    }
}
