using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Parts of texts and texts put into others, by position in characters.</summary>
internal static class SubstringFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        foreach (var name in new[] { "substr", "substring" })
        {
            registry.Call(name + "(text,integer)", Rest);
            registry.Call(name + "(text,integer,integer)", Part);
        }

        registry.Call("overlay(text,text,integer)", Overlay);
        registry.Call("overlay(text,text,integer,integer)", Overlay);
        registry.Call("lpad(text,integer)", PadLeft);
        registry.Call("lpad(text,integer,text)", PadLeft);
        registry.Call("rpad(text,integer)", PadRight);
        registry.Call("rpad(text,integer,text)", PadRight);
    }

    /// <summary>Where a part begins and ends, counted from 0, for a start that is counted from 1 and may lie before the text.</summary>
    /// <exception cref="TypeException">22011: the length is negative.</exception>
    public static (int Start, int End) Range(int start, int? length)
    {
        if (length is not { } count)
        {
            return (Math.Max(0, start - 1), int.MaxValue);
        }

        if (count < 0)
        {
            throw NegativeLength();
        }

        var end = (long)start - 1 + count;
        return (start <= 0 ? 0 : start - 1, (int)Math.Clamp(end, 0, int.MaxValue));
    }

    /// <summary>The part that overlay() replaces: its first place from 1, and the first place after it.</summary>
    public static (int Start, int End) OverlayRange(int start, int length)
    {
        if (start <= 0)
        {
            throw NegativeLength();
        }

        return (start, Integers.ToInt4((long)start + length));
    }

    private static TypeException NegativeLength() => new(SqlState.SubstringError, "negative substring length not allowed");

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> text, (int Start, int End) range)
    {
        var rest = text[Characters.OffsetOf(text, range.Start)..];
        return range.End == int.MaxValue ? rest : rest[..Characters.OffsetOf(rest, Math.Max(0, range.End - range.Start))];
    }

    private static void Rest(in FunctionCall call) => call.ReturnText(Slice(call.Bytes(0), Range(Start(call, 1), null)));

    private static void Part(in FunctionCall call) => call.ReturnText(Slice(call.Bytes(0), Range(call.Int32(1), call.Int32(2))));

    // The smallest integer has no predecessor, and lies before every text all the same.
    private static int Start(in FunctionCall call, int argument) => Math.Max(int.MinValue + 1, call.Int32(argument));

    private static void Overlay(in FunctionCall call)
    {
        var text = call.Bytes(0);
        var by = call.Bytes(1);
        var length = call.Count > 3 ? call.Int32(3) : Strings.CountCharacters(by);
        var (start, end) = OverlayRange(call.Int32(2), length);
        var output = Arguments.TakeBuffer();
        output.Write(Slice(text, Range(1, start - 1)));
        output.Write(by);
        output.Write(Slice(text, Range(Math.Max(int.MinValue + 1, end), null)));
        Characters.RequireLength(output.WrittenCount);
        call.ReturnText(output.WrittenSpan);
    }

    private static void PadLeft(in FunctionCall call) => Pad(call, left: true);

    private static void PadRight(in FunctionCall call) => Pad(call, left: false);

    private static void Pad(in FunctionCall call, bool left)
    {
        var text = call.Bytes(0);
        var fill = call.Count > 2 ? call.Bytes(2) : " "u8;
        var wanted = Math.Max(0, call.Int32(1));

        // PostgreSQL takes four bytes for each character that it may have to write.
        Characters.RequireLength(wanted);
        var missing = wanted - Strings.CountCharacters(text);
        if (missing <= 0 || fill.IsEmpty)
        {
            call.ReturnText(missing < 0 ? text[..Characters.OffsetOf(text, wanted)] : text);
            return;
        }

        var fillCharacters = Strings.CountCharacters(fill);
        var (times, part) = (missing / fillCharacters, Characters.OffsetOf(fill, missing % fillCharacters));
        var padding = ((long)times * fill.Length) + part;
        var length = Characters.RequireLength(text.Length + padding);
        var whole = Arguments.TakeBuffer().GetSpan(Math.Max(1, length))[..length];
        text.CopyTo(left ? whole[(int)padding..] : whole);
        var target = left ? whole[..(int)padding] : whole[text.Length..];
        for (var i = 0; i < times; i++)
        {
            fill.CopyTo(target[(i * fill.Length)..]);
        }

        fill[..part].CopyTo(target[(times * fill.Length)..]);
        call.ReturnText(whole);
    }
}
