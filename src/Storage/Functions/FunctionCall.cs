using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>One call of an SQL function: its arguments, and the place for its answer, which is null until it is set.</summary>
public readonly unsafe ref struct FunctionCall
{
    private readonly nint _answer;
    private readonly nint* _arguments;

    internal FunctionCall(nint context, int count, nint* arguments, StatementContext? statement = null)
    {
        _answer = context;
        _arguments = arguments;
        Count = count;
        Statement = statement ?? StatementContext.None;
    }

    /// <summary>The number of arguments.</summary>
    public int Count { get; }

    /// <summary>The statement that calls, for functions that are not immutable.</summary>
    public StatementContext Statement { get; }

    public bool IsNull(int argument) => ClassOf(argument) == StorageClass.Null;

    public StorageClass ClassOf(int argument) => (StorageClass)Native.sqlite3_value_type(At(argument));

    public long Integer(int argument) => Native.sqlite3_value_int64(At(argument));

    public double Real(int argument) => Native.sqlite3_value_double(At(argument));

    /// <summary>A text as UTF-8, or a blob; borrowed until the call ends. Numbers are converted to text in place.</summary>
    public ReadOnlySpan<byte> Bytes(int argument)
    {
        var value = At(argument);

        // The pointer comes first: it may convert the value, which changes its length.
        var bytes = (StorageClass)Native.sqlite3_value_type(value) == StorageClass.Blob
            ? Native.sqlite3_value_blob(value)
            : Native.sqlite3_value_text(value);
        return new(bytes, Native.sqlite3_value_bytes(value));
    }

    public SqliteValue Value(int argument) => ClassOf(argument) switch
    {
        StorageClass.Integer => SqliteValue.FromInteger(Integer(argument)),
        StorageClass.Real => SqliteValue.FromReal(Real(argument)),
        StorageClass.Text => SqliteValue.FromText(Bytes(argument)),
        StorageClass.Blob => SqliteValue.FromBlob(Bytes(argument)),
        _ => SqliteValue.Null,
    };

    public void ReturnNull() => Native.sqlite3_result_null(Context);

    public void Return(long value) => Native.sqlite3_result_int64(Context, value);

    public void Return(bool value) => Native.sqlite3_result_int64(Context, value ? 1 : 0);

    /// <summary>NaN becomes null, as everywhere in SQLite.</summary>
    public void Return(double value) => Native.sqlite3_result_double(Context, value);

    public void ReturnText(ReadOnlySpan<byte> utf8)
    {
        // An empty span may have no address, which SQLite would take for null.
        var empty = (byte)0;
        fixed (byte* bytes = utf8)
        {
            Native.sqlite3_result_text64(Context, bytes == null ? &empty : bytes, (ulong)utf8.Length, Native.Transient, Native.EncodingUtf8);
        }
    }

    public void ReturnText(ReadOnlySpan<char> text)
    {
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (length <= 512)
        {
            Span<byte> small = stackalloc byte[length];
            ReturnText(small[..Encoding.UTF8.GetBytes(text, small)]);
            return;
        }

        var rented = System.Buffers.ArrayPool<byte>.Shared.Rent(length);
        try
        {
            ReturnText(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public void ReturnBlob(ReadOnlySpan<byte> value)
    {
        var empty = (byte)0;
        fixed (byte* bytes = value)
        {
            Native.sqlite3_result_blob64(Context, bytes == null ? &empty : bytes, (ulong)value.Length, Native.Transient);
        }
    }

    public void Return(in SqliteValue value)
    {
        switch (value.Class)
        {
            case StorageClass.Integer:
                Return(value.Integer);
                break;
            case StorageClass.Real:
                Return(value.Real);
                break;
            case StorageClass.Text:
                ReturnText(value.Bytes);
                break;
            case StorageClass.Blob:
                ReturnBlob(value.Bytes);
                break;
            default:
                ReturnNull();
                break;
        }
    }

    /// <summary>Answers with an argument as it is.</summary>
    public void ReturnArgument(int argument) => Native.sqlite3_result_value(Context, At(argument));

    /// <summary>An integer argument, also as a text; PostgreSQL's errors for everything else but null.</summary>
    internal long Number(string function, int argument)
    {
        switch (ClassOf(argument))
        {
            case StorageClass.Integer:
                return Integer(argument);
            case StorageClass.Text:
                var text = Text(argument);
                return long.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : throw new SqlFunctionException("22P02", $"invalid input syntax for type bigint: \"{text}\"");
            default:
                throw Missing($"function {function}({(ClassOf(argument) == StorageClass.Real ? "numeric" : "bytea")}) does not exist");
        }
    }

    /// <exception cref="SqlFunctionException">The argument is null.</exception>
    internal string Text(int argument)
    {
        if (IsNull(argument))
        {
            throw new SqlFunctionException("22004", $"argument {argument + 1} must not be null");
        }

        // SQLite has no text for an empty blob.
        var text = Native.sqlite3_value_text(At(argument));
        return text == null ? "" : Encoding.UTF8.GetString(text, Native.sqlite3_value_bytes(At(argument)));
    }

    internal ReadOnlySpan<byte> Blob(int argument) => new(Native.sqlite3_value_blob(At(argument)), Native.sqlite3_value_bytes(At(argument)));

    /// <summary>Returns the empty text, which is PostgreSQL's output for a function that returns void.</summary>
    public void ReturnNothing() => ReturnText(ReadOnlySpan<byte>.Empty);

    internal void Fail(int resultCode, string message)
    {
        var utf8 = Connection.Utf8(message);
        fixed (byte* text = utf8)
        {
            Native.sqlite3_result_error(Context, text, utf8.Length - 1);
        }

        // The code is set after the text, which would set a code of its own.
        Native.sqlite3_result_error_code(Context, resultCode);
    }

    internal void FailWithoutMemory() => Native.sqlite3_result_error_nomem(Context);

    internal void Refuse() => Native.sqlite3_result_error_code(Context, ResultCode.ReadOnly);

    // A scan of a table begins with a call that has no answer.
    private nint Context => _answer != 0 ? _answer : throw new InvalidOperationException("The call has no answer.");

    private nint At(int argument) => (uint)argument < (uint)Count
        ? _arguments[argument]
        : throw Missing($"the function has {Count} arguments and needs more");

    private static SqlFunctionException Missing(string message) => new(
        "42883", message, hint: "No function matches the given name and argument types. You might need to add explicit type casts.");
}
