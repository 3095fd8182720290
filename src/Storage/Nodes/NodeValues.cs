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

    public static void Return(nint context, object? value)
    {
        switch (value)
        {
            case null:
                Native.sqlite3_result_null(context);
                break;
            case long integer:
                Native.sqlite3_result_int64(context, integer);
                break;
            case double real:
                Native.sqlite3_result_double(context, real);
                break;
            default:
                var utf8 = Connection.Utf8((string)value);
                fixed (byte* text = utf8)
                {
                    Native.sqlite3_result_text64(context, text, (ulong)(utf8.Length - 1), Native.Transient, Native.EncodingUtf8);
                }

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
