using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>Converts values of <see cref="NodeSql"/> to and from SQLite's, which are copied.</summary>
internal static unsafe class NodeValues
{
    public static object? Read(nint value) => (StorageClass)Native.sqlite3_value_type(value) switch
    {
        StorageClass.Null => null,
        StorageClass.Integer => Native.sqlite3_value_int64(value),
        StorageClass.Real => Native.sqlite3_value_double(value),
        _ => Text(value),
    };

    // SQLite has no text for an empty blob.
    private static string Text(nint value)
    {
        var text = Native.sqlite3_value_text(value);
        return text == null ? "" : Encoding.UTF8.GetString(text, Native.sqlite3_value_bytes(value));
    }

    public static void Return(in FunctionCall call, object? value)
    {
        switch (value)
        {
            case null:
                call.ReturnNull();
                break;
            case long integer:
                call.Return(integer);
                break;
            case double real:
                call.Return(real);
                break;
            default:
                call.ReturnText((string)value);
                break;
        }
    }

    public static void Fail(nint context, string message)
    {
        var utf8 = Connection.Utf8(message);
        fixed (byte* text = utf8)
        {
            Native.sqlite3_result_error(context, text, utf8.Length - 1);
        }
    }

    /// <summary>A copy of the text that SQLite frees; null if there is no memory for it.</summary>
    public static byte* Allocate(string message)
    {
        var utf8 = Connection.Utf8(message);
        var memory = (byte*)Native.sqlite3_malloc64((ulong)utf8.Length);
        if (memory != null)
        {
            utf8.CopyTo(new Span<byte>(memory, utf8.Length));
        }

        return memory;
    }
}
