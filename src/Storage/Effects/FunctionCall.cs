using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>One call of an SQL function: its arguments and the place for its answer, which is null until it is set.</summary>
internal readonly unsafe ref struct FunctionCall(nint context, int count, nint* arguments)
{
    private readonly nint* _arguments = arguments;

    public int Count => count;

    public bool IsNull(int argument) => (StorageClass)Native.sqlite3_value_type(_arguments[argument]) == StorageClass.Null;

    public StorageClass ClassOf(int argument) => (StorageClass)Native.sqlite3_value_type(_arguments[argument]);

    public long Integer(int argument) => Native.sqlite3_value_int64(_arguments[argument]);

    public string Text(int argument)
    {
        var text = Native.sqlite3_value_text(_arguments[argument]);
        return Encoding.UTF8.GetString(text, Native.sqlite3_value_bytes(_arguments[argument]));
    }

    public ReadOnlySpan<byte> Blob(int argument) => new(Native.sqlite3_value_blob(_arguments[argument]), Native.sqlite3_value_bytes(_arguments[argument]));

    public void Return(long value) => Native.sqlite3_result_int64(context, value);

    /// <summary>The empty text, which is what PostgreSQL shows of a function without an answer.</summary>
    public void ReturnNothing()
    {
        var empty = 0;
        Native.sqlite3_result_text64(context, (byte*)&empty, 0, Native.Transient, Native.EncodingUtf8);
    }

    public void Fail(int resultCode, string message)
    {
        var utf8 = Connection.Utf8(message);
        fixed (byte* text = utf8)
        {
            Native.sqlite3_result_error(context, text, utf8.Length - 1);
        }

        // Behind the text, which would set a code of its own.
        Native.sqlite3_result_error_code(context, resultCode);
    }

    public void Refuse() => Native.sqlite3_result_error_code(context, ResultCode.ReadOnly);
}
