using System.Buffers;
using System.Text;
using Rqlite.Pg.Dialect.Runtime.Casts;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Texts as identifiers and literals of SQL, and identifiers read.</summary>
internal static class QuoteFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Call("quote_ident(text)", static (in FunctionCall call) =>
        {
            var output = Arguments.TakeBuffer();
            WriteIdentifier(call.Bytes(0), output);
            call.ReturnText(output.WrittenSpan);
        });
        registry.Call("quote_literal(text)", static (in FunctionCall call) => ReturnLiteral(call, call.Bytes(0)));
        registry.Call("quote_nullable(text)", static (in FunctionCall call) =>
        {
            if (call.IsNull(0))
            {
                call.ReturnText("NULL"u8);
            }
            else
            {
                ReturnLiteral(call, call.Bytes(0));
            }
        });
        registry.Call("quote_literal(anyelement)", static (in FunctionCall call) => ReturnLiteral(call, TextCasts.ToText(call, 0, call.Types()[0])));
        registry.Call("quote_nullable(anyelement)", static (in FunctionCall call) =>
        {
            if (call.IsNull(0))
            {
                call.ReturnText("NULL"u8);
            }
            else
            {
                ReturnLiteral(call, TextCasts.ToText(call, 0, call.Types()[0]));
            }
        });
        registry.Call("parse_ident(text,boolean)", ParseIdentifiers);
    }

    /// <summary>Writes a name, in quotes unless it is one word in lower case that may stand for a name everywhere.</summary>
    public static void WriteIdentifier(ReadOnlySpan<byte> name, IBufferWriter<byte> output)
    {
        if (IsPlain(name))
        {
            output.Write(name);
            return;
        }

        WriteDoubled(name, (byte)'"', output);
    }

    /// <summary>Writes a literal, as an escape string if there is a backslash.</summary>
    public static void WriteLiteral(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        if (!text.Contains((byte)'\\'))
        {
            WriteDoubled(text, (byte)'\'', output);
            return;
        }

        output.Write("E'"u8);
        foreach (var value in text)
        {
            if (value is (byte)'\'' or (byte)'\\')
            {
                output.Write([value]);
            }

            output.Write([value]);
        }

        output.Write("'"u8);
    }

    private static void ReturnLiteral(in FunctionCall call, ReadOnlySpan<byte> text)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + 8);
        WriteLiteral(text, output);
        Characters.RequireLength(output.WrittenCount);
        call.ReturnText(output.WrittenSpan);
    }

    private static bool IsPlain(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name[0] is not ((>= (byte)'a' and <= (byte)'z') or (byte)'_'))
        {
            return false;
        }

        foreach (var value in name)
        {
            if (value is not ((>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'_'))
            {
                return false;
            }
        }

        Span<char> word = stackalloc char[64];
        if (name.Length > word.Length)
        {
            return true;
        }

        var keyword = Keywords.Find(word[..Encoding.ASCII.GetChars(name, word)]);
        return Keywords.IsSqliteOnly(keyword) || Keywords.ClassOf(keyword) is KeywordClass.NotKeyword or KeywordClass.Unreserved;
    }

    private static void WriteDoubled(ReadOnlySpan<byte> text, byte quote, IBufferWriter<byte> output)
    {
        output.Write([quote]);
        while (text.IndexOf(quote) is >= 0 and var at)
        {
            output.Write(text[..(at + 1)]);
            output.Write([quote]);
            text = text[(at + 1)..];
        }

        output.Write(text);
        output.Write([quote]);
    }

    private static void ParseIdentifiers(in FunctionCall call)
    {
        var whole = call.Bytes(0);
        var strict = call.Boolean(1);
        var rest = whole.TrimStart(Space);
        var names = new List<string>();
        for (var afterPoint = false; ; afterPoint = true)
        {
            if (!rest.IsEmpty && rest[0] == '"')
            {
                names.Add(ReadQuoted(whole, ref rest));
            }
            else if (WordLength(rest) is > 0 and var length)
            {
                // Folded as an unquoted name of SQL is: ASCII alone.
                names.Add(Encoding.UTF8.GetString(rest[..length]).ToAsciiLower());
                rest = rest[length..];
            }
            else
            {
                throw Invalid(whole, !rest.IsEmpty && rest[0] == '.' ? "No valid identifier before \".\"."
                    : afterPoint ? "No valid identifier after \".\"." : null);
            }

            rest = rest.TrimStart(Space);
            if (rest.IsEmpty || rest[0] != '.')
            {
                break;
            }

            rest = rest[1..].TrimStart(Space);
        }

        if (strict && !rest.IsEmpty)
        {
            throw Invalid(whole, null);
        }

        var output = Arguments.TakeBuffer();
        JsonTexts.WriteArray(names, output);
        call.ReturnText(output.WrittenSpan);
    }

    private static ReadOnlySpan<byte> Space => " \t\n\v\f\r"u8;

    private static string ReadQuoted(ReadOnlySpan<byte> whole, ref ReadOnlySpan<byte> rest)
    {
        var name = new ArrayBufferWriter<byte>();
        rest = rest[1..];
        while (true)
        {
            var end = rest.IndexOf((byte)'"');
            if (end < 0)
            {
                throw Invalid(whole, "String has unclosed double quotes.");
            }

            name.Write(rest[..end]);
            rest = rest[(end + 1)..];
            if (rest.IsEmpty || rest[0] != '"')
            {
                break;
            }

            name.Write("\""u8);
            rest = rest[1..];
        }

        return name.WrittenCount > 0 ? Encoding.UTF8.GetString(name.WrittenSpan) : throw Invalid(whole, "Quoted identifier must not be empty.");
    }

    private static int WordLength(ReadOnlySpan<byte> text)
    {
        var length = 0;
        while (length < text.Length && (text[length] >= 0x80 || text[length] == '_' || char.IsAsciiLetter((char)text[length])
            || (length > 0 && (text[length] == '$' || char.IsAsciiDigit((char)text[length])))))
        {
            length++;
        }

        return length;
    }

    private static TypeException Invalid(ReadOnlySpan<byte> text, string? detail) =>
        new(SqlState.InvalidParameterValue, $"string is not a valid identifier: \"{Encoding.UTF8.GetString(text)}\"", detail);

    private static string ToAsciiLower(this string text) =>
        string.Create(text.Length, text, (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
            }
        });
}
