using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// instr(), replace() and the trim() family in linear time. SQLite's own take time in proportion to the product of their arguments' lengths, inside one
/// call that no timeout reaches. Results are the same as SQLite's.
/// </summary>
internal static unsafe class LinearTextFunctions
{
    public static void Register(Connection connection)
    {
        const int Flags = Native.FunctionUtf8 | Native.FunctionDeterministic | Native.FunctionInnocuous;
        fixed (byte* instr = "instr\0"u8, replace = "replace\0"u8)
        {
            connection.Check(Native.sqlite3_create_function_v2(connection.Handle, instr, 2, Flags, 0, &Instr, 0, 0, 0), "instr");
            connection.Check(Native.sqlite3_create_function_v2(connection.Handle, replace, 3, Flags, 0, &Replace, 0, 0, 0), "replace");
        }

        var errors = new ExtensionErrors(connection.Context, null);
        for (var arity = 1; arity <= 2; arity++)
        {
            const int TrimFlags = Native.FunctionDeterministic | Native.FunctionInnocuous;
            ManagedFunction.Register(connection, "trim", arity, TrimFlags, new Sides(true, true, errors), &Trim);
            ManagedFunction.Register(connection, "ltrim", arity, TrimFlags, new Sides(true, false, errors), &Trim);
            ManagedFunction.Register(connection, "rtrim", arity, TrimFlags, new Sides(false, true, errors), &Trim);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Instr(nint context, int count, nint* arguments)
    {
        var haystackClass = (StorageClass)Native.sqlite3_value_type(arguments[0]);
        var needleClass = (StorageClass)Native.sqlite3_value_type(arguments[1]);
        if (haystackClass == StorageClass.Null || needleClass == StorageClass.Null)
        {
            return;
        }

        // Two blobs are compared by bytes and the answer counts bytes; anything else is compared as text and counts characters.
        var blobs = haystackClass == StorageClass.Blob && needleClass == StorageClass.Blob;
        var haystack = blobs ? Blob(arguments[0]) : Text(arguments[0]);
        var needle = blobs ? Blob(arguments[1]) : Text(arguments[1]);
        var at = blobs || needle.IsEmpty || !IsContinuation(needle[0])
            ? TextSearch.IndexOf(haystack, needle)
            // SQLite looks at whole characters only, so such a needle can be found nowhere but at the very beginning.
            : haystack.StartsWith(needle) ? 0 : -1;
        Native.sqlite3_result_int64(context, at < 0 ? 0 : 1 + (blobs ? at : CountCharacters(haystack[..at])));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Replace(nint context, int count, nint* arguments)
    {
        if (IsNull(arguments[0]) || IsNull(arguments[1]))
        {
            return;
        }

        var pattern = Text(arguments[1]);
        if (pattern.IsEmpty || pattern[0] == 0)
        {
            // SQLite returns the first argument unchanged, as text.
            var same = Text(arguments[0]);
            ResultText(context, same, default, default, 0);
            return;
        }

        if (IsNull(arguments[2]))
        {
            return;
        }

        var text = Text(arguments[0]);
        ResultText(context, text, pattern, Text(arguments[2]), CountMatches(text, pattern));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Trim(nint context, int count, nint* arguments)
    {
        if (IsNull(arguments[0]) || (count == 2 && IsNull(arguments[1])))
        {
            return;
        }

        var text = Text(arguments[0]);
        var characters = count == 2 ? Text(arguments[1]) : " "u8;
        var end = characters.IndexOf((byte)0);
        var (left, right, errors) = ManagedFunction.Target<Sides>(context);
        var trimmed = text;
        if (!text.IsEmpty && !CharacterSet.TryTrim(ref trimmed, end < 0 ? characters : characters[..end], left, right))
        {
            errors.Fail(new FunctionCall(context, 0, null), new SqlFunctionException("22021", "the characters to be trimmed are not UTF-8"));
            return;
        }

        byte none;
        fixed (byte* result = trimmed)
        {
            Native.sqlite3_result_text64(context, result == null ? &none : result, (ulong)trimmed.Length, Native.Transient, Native.EncodingUtf8);
        }
    }

    private static void ResultText(nint context, ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> by, int matches)
    {
        var length = text.Length + ((long)matches * (by.Length - pattern.Length));
        if (length > Native.sqlite3_limit(Native.sqlite3_context_db_handle(context), Native.LimitLength, -1))
        {
            Native.sqlite3_result_error_toobig(context);
            return;
        }

        var result = (byte*)Native.sqlite3_malloc64((ulong)length + 1);
        if (result == null)
        {
            Native.sqlite3_result_error_nomem(context);
            return;
        }

        var output = new Span<byte>(result, (int)length);
        for (; matches > 0; matches--)
        {
            var at = TextSearch.IndexOf(text, pattern);
            text[..at].CopyTo(output);
            by.CopyTo(output[at..]);
            output = output[(at + by.Length)..];
            text = text[(at + pattern.Length)..];
        }

        text.CopyTo(output);
        result[length] = 0;
        Native.sqlite3_result_text64(context, result, (ulong)length, (nint)(delegate* unmanaged[Cdecl]<void*, void>)&Free, Native.EncodingUtf8);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(void* memory) => Native.sqlite3_free(memory);

    private static int CountMatches(ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern)
    {
        var matches = 0;
        for (int at; (at = TextSearch.IndexOf(text, pattern)) >= 0; matches++)
        {
            text = text[(at + pattern.Length)..];
        }

        return matches;
    }

    private static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        // SQLite steps over one byte and then over continuation bytes, so a leading continuation byte counts.
        var characters = 0;
        for (var i = 0; i < utf8.Length; i++)
        {
            if (i == 0 || !IsContinuation(utf8[i]))
            {
                characters++;
            }
        }

        return characters;
    }

    private static bool IsContinuation(byte utf8) => (utf8 & 0xc0) == 0x80;

    private static bool IsNull(nint value) => (StorageClass)Native.sqlite3_value_type(value) == StorageClass.Null;

    private static ReadOnlySpan<byte> Text(nint value)
    {
        var text = Native.sqlite3_value_text(value);
        return new(text, Native.sqlite3_value_bytes(value));
    }

    private static ReadOnlySpan<byte> Blob(nint value)
    {
        var bytes = Native.sqlite3_value_blob(value);
        return new(bytes, Native.sqlite3_value_bytes(value));
    }

    private sealed record Sides(bool Left, bool Right, ExtensionErrors Errors);
}
