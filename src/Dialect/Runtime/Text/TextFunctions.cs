using System.Buffers;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Functions of text that look at its characters. The database's locale is C: case is a matter of ASCII.</summary>
internal static class TextFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        RegisterNative(registry);
        registry.Call("initcap(text)", Capitalize);
        registry.Call("left(text,integer)", Left);
        registry.Call("right(text,integer)", Right);
        registry.Call("reverse(text)", Reverse);
        registry.Call("repeat(text,integer)", Repeat);
        registry.Call("translate(text,text,text)", Translate);
        registry.Call("split_part(text,text,integer)", SplitPart);
        registry.Call("ascii(text)", FirstCodePoint);
        registry.Call("chr(integer)", OfCodePoint);
        registry.Call("starts_with(text,text)", static (in FunctionCall call) => call.Return(call.Bytes(0).StartsWith(call.Bytes(1))));
        registry.Call(
            "to_hex(integer)",
            static (in FunctionCall call) => call.ReturnText(((uint)call.Int32(0)).ToString("x", CultureInfo.InvariantCulture)));
        registry.Call(
            "to_hex(bigint)",
            static (in FunctionCall call) => call.ReturnText(((ulong)call.Integer(0)).ToString("x", CultureInfo.InvariantCulture)));
    }

    private static void RegisterNative(FunctionRegistry registry)
    {
        foreach (var name in new[] { "length", "char_length", "character_length" })
        {
            registry.Native(name + "(text)", "length({0})");
            registry.Native(name + "(character)", "length(rtrim({0}, ' '))");
        }

        registry.Native("textlen(text)", "length({0})");
        registry.Native("octet_length(text)", "octet_length({0})");
        registry.Native("octet_length(character)", "octet_length({0})");
        registry.Native("bit_length(text)", "(octet_length({0}) * 8)");
        registry.Native("lower(text)", "lower({0})");
        registry.Native("upper(text)", "upper({0})");
        registry.Native("textcat(text,text)", "({0} || {1})");
        registry.Native("position(text,text)", "instr({0}, {1})");
        registry.Native("strpos(text,text)", "instr({0}, {1})");
        registry.Native("replace(text,text,text)", "replace({0}, {1}, {2})");
        registry.Native("btrim(text)", "trim({0}, ' ')");
        registry.Native("ltrim(text)", "ltrim({0}, ' ')");
        registry.Native("rtrim(text)", "rtrim({0}, ' ')");
        registry.Native("btrim(text,text)", "trim({0}, {1})");
        registry.Native("ltrim(text,text)", "ltrim({0}, {1})");
        registry.Native("rtrim(text,text)", "rtrim({0}, {1})");
    }

    private static void Capitalize(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var output = Arguments.TakeBuffer();
        var target = output.GetSpan(Math.Max(1, text.Length));
        var within = false;
        for (var i = 0; i < text.Length; i++)
        {
            var character = (char)text[i];
            target[i] = (byte)(within ? char.ToLowerInvariant(character) : char.ToUpperInvariant(character));
            if (!char.IsAscii(character))
            {
                target[i] = text[i];
            }

            within = char.IsAsciiLetterOrDigit(character);
        }

        call.ReturnText(target[..text.Length]);
    }

    private static void Left(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var count = call.Int32(1);
        call.ReturnText(text[..(count >= 0 ? Characters.OffsetOf(text, count) : Characters.OffsetFromEnd(text, count == int.MinValue ? int.MaxValue : -count))]);
    }

    private static void Right(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var count = call.Int32(1);

        // The smallest integer has no opposite; PostgreSQL's stays negative, and nothing is cut off.
        call.ReturnText(text[(count >= 0 ? Characters.OffsetFromEnd(text, count) : Characters.OffsetOf(text, Math.Max(0, unchecked(-count))))..]);
    }

    private static void Reverse(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var target = Arguments.TakeBuffer().GetSpan(Math.Max(1, text.Length))[..text.Length];
        for (var at = 0; at < text.Length;)
        {
            var length = Characters.LengthOfFirst(text[at..]);
            text.Slice(at, length).CopyTo(target[(text.Length - at - length)..]);
            at += length;
        }

        call.ReturnText(target);
    }

    private static void Repeat(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var count = Math.Max(0, call.Int32(1));
        var length = Characters.RequireLength((long)text.Length * count);
        var target = Arguments.TakeBuffer().GetSpan(Math.Max(1, length))[..length];
        if (text.Length == 1)
        {
            target.Fill(text[0]);
        }
        else
        {
            for (var at = 0; at < length; at += text.Length)
            {
                text.CopyTo(target[at..]);
            }
        }

        call.ReturnText(target);
    }

    private static void Translate(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var (from, to) = (Runes(call.Bytes(1)), Runes(call.Bytes(2)));
        var map = new Dictionary<int, Rune?>();
        for (var i = 0; i < from.Count; i++)
        {
            // The first of several equal characters counts.
            map.TryAdd(from[i].Value, i < to.Count ? to[i] : null);
        }

        var output = Arguments.TakeBuffer();
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (!map.TryGetValue(rune.Value, out var other))
            {
                output.Write(text[..length]);
            }
            else if (other is { } replacement)
            {
                output.Advance(replacement.EncodeToUtf8(output.GetSpan(4)));
            }

            Characters.RequireLength(output.WrittenCount);
            text = text[length..];
        }

        call.ReturnText(output.WrittenSpan);
    }

    private static List<Rune> Runes(ReadOnlySpan<byte> text)
    {
        var runes = new List<Rune>(text.Length);
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var length);
            runes.Add(rune);
            text = text[length..];
        }

        return runes;
    }

    private static void SplitPart(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var separator = call.Bytes(1);
        var field = call.Int32(2);
        if (field == 0)
        {
            throw new TypeException(SqlState.InvalidParameterValue, "field position must not be zero");
        }

        if (separator.IsEmpty)
        {
            call.ReturnText(field is 1 or -1 ? text : default);
            return;
        }

        if (field < 0)
        {
            // Counted from the end: the number of fields tells which one that is.
            field = text.IsEmpty ? 0 : text.Count(separator) + 2 + field;
            if (field <= 0)
            {
                call.ReturnText(ReadOnlySpan<byte>.Empty);
                return;
            }
        }

        while (--field > 0)
        {
            var at = text.IndexOf(separator);
            if (at < 0)
            {
                call.ReturnText(ReadOnlySpan<byte>.Empty);
                return;
            }

            text = text[(at + separator.Length)..];
        }

        var end = text.IndexOf(separator);
        call.ReturnText(end < 0 ? text : text[..end]);
    }

    private static void FirstCodePoint(in FunctionCall call)
    {
        var text = call.Bytes(0);
        Rune.DecodeFromUtf8(text, out var rune, out _);
        call.Return(text.IsEmpty ? 0L : rune.Value);
    }

    private static void OfCodePoint(in FunctionCall call)
    {
        var value = call.Int32(0);
        if (value < 0)
        {
            throw new TypeException(SqlState.InvalidParameterValue, "character number must be positive");
        }

        if (value == 0)
        {
            throw new TypeException(SqlState.ProgramLimitExceeded, "null character not permitted");
        }

        if (value > 0x10FFFF)
        {
            throw new TypeException(SqlState.ProgramLimitExceeded, $"requested character too large for encoding: {value}");
        }

        if (!Rune.TryCreate(value, out var rune))
        {
            throw new TypeException(SqlState.ProgramLimitExceeded, $"requested character not valid for encoding: {value}");
        }

        Span<byte> text = stackalloc byte[4];
        call.ReturnText(text[..rune.EncodeToUtf8(text)]);
    }
}
