using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>One call of an SQL function: its arguments and the place for its answer, which is null until it is set.</summary>
internal readonly unsafe ref struct FunctionCall(nint context, int count, nint* arguments)
{
    private readonly nint* _arguments = arguments;

    public int Count => count;

    public bool IsNull(int argument) => ClassOf(argument) == StorageClass.Null;

    public StorageClass ClassOf(int argument) => (StorageClass)Native.sqlite3_value_type(At(argument));

    public long Integer(int argument) => Native.sqlite3_value_int64(At(argument));

    /// <summary>An integer argument, also as a text; PostgreSQL's errors for everything else but null.</summary>
    public long Number(string function, int argument)
    {
        switch (ClassOf(argument))
        {
            case StorageClass.Integer:
                return Integer(argument);
            case StorageClass.Text:
                var text = Text(argument);
                return long.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : throw new EffectException("22P02", $"invalid input syntax for type bigint: \"{text}\"");
            default:
                throw new EffectException("42883", $"function {function}({(ClassOf(argument) == StorageClass.Real ? "numeric" : "bytea")}) does not exist");
        }
    }

    /// <exception cref="EffectException">The argument is null.</exception>
    public string Text(int argument)
    {
        if (IsNull(argument))
        {
            throw new EffectException("22004", $"argument {argument + 1} must not be null");
        }

        // SQLite has no text for an empty blob.
        var text = Native.sqlite3_value_text(At(argument));
        return text == null ? "" : Encoding.UTF8.GetString(text, Native.sqlite3_value_bytes(At(argument)));
    }

    public ReadOnlySpan<byte> Blob(int argument) => new(Native.sqlite3_value_blob(At(argument)), Native.sqlite3_value_bytes(At(argument)));

    public void Return(long value) => Native.sqlite3_result_int64(context, value);

    /// <summary>Returns the empty text, which is PostgreSQL's output for a function that returns void.</summary>
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

        // The code is set after the text, which would set a code of its own.
        Native.sqlite3_result_error_code(context, resultCode);
    }

    private nint At(int argument) => (uint)argument < (uint)count
        ? _arguments[argument]
        : throw new EffectException("42883", $"the function has {count} arguments and needs more");

    public void Refuse() => Native.sqlite3_result_error_code(context, ResultCode.ReadOnly);
}
