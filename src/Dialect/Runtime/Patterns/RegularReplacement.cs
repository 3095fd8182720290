using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>regexp_replace.</summary>
internal static class RegularReplacement
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("regexp_replace(text,text,text)", (in call) => Replace(call, RegularFlags.Advanced, 1, 1));
        registry.Call("regexp_replace(text,text,text,text)", (in call) =>
        {
            var flags = ReadFlags(call.Word(3), out var global);
            Replace(call, flags, 1, global ? 0 : 1);
        });
        registry.Call("regexp_replace(text,text,text,integer)", (in call) =>
            Replace(call, RegularFlags.Advanced, RegularFunctions.Positive(call, 3, "start"), 1));
        registry.Call("regexp_replace(text,text,text,integer,integer)", (in call) =>
            Replace(call, RegularFlags.Advanced, RegularFunctions.Positive(call, 3, "start"), RegularFunctions.AtLeast(call, 4, "n", 0, 1)));
        registry.Call("regexp_replace(text,text,text,integer,integer,text)", (in call) =>
        {
            var start = RegularFunctions.Positive(call, 3, "start");
            var number = RegularFunctions.AtLeast(call, 4, "n", 0, 1);
            Replace(call, RegularExpression.ReadOptions(call.Word(5), out _), start, number);
        });
    }

    private static RegularFlags ReadFlags(string options, out bool global)
    {
        // A string in this place may have been meant for the start.
        if (options.Length > 0 && char.IsAsciiDigit(options[0]))
        {
            throw new TypeException(
                SqlState.InvalidParameterValue, $"invalid regular expression option: \"{options[0]}\"",
                hint: "If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.");
        }

        return RegularExpression.ReadOptions(options, out global);
    }

    /// <param name="start">The character from which to search, from 1.</param>
    /// <param name="number">The match to replace, from 1; 0 for all.</param>
    private static void Replace(in FunctionCall call, RegularFlags flags, int start, int number)
    {
        var text = call.Bytes(0);
        var replacement = call.Bytes(2);
        var expression = RegularExpression.Get(call.Bytes(1), flags);
        expression.Load(text);
        var output = Arguments.TakeBuffer();
        Span<(int Start, int End)> groups = new (int, int)[Math.Min(expression.Groups, 9) + 1];
        var at = start - 1;
        var copied = 0;
        for (var found = 1; at <= expression.Length && expression.Find(at, groups); found++)
        {
            var (first, last) = groups[0];
            at = first == last ? last + 1 : last;
            if (number > 0 && found != number)
            {
                continue;
            }

            var bytes = expression.BytesOf(first, last);
            output.Write(text[copied..bytes.Start.Value]);
            WriteReplacement(expression, text, replacement, groups, output);
            ResultSize.Require(output.WrittenCount);
            copied = bytes.End.Value;
            if (number > 0)
            {
                break;
            }
        }

        output.Write(text[copied..]);
        ResultSize.Require(output.WrittenCount);
        call.ReturnText(output.WrittenSpan);
    }

    private static void WriteReplacement(
        RegularExpression expression, ReadOnlySpan<byte> text, ReadOnlySpan<byte> replacement, ReadOnlySpan<(int Start, int End)> groups,
        IBufferWriter<byte> output)
    {
        while (replacement.IndexOf((byte)'\\') is >= 0 and var at)
        {
            output.Write(replacement[..at]);
            replacement = replacement[(at + 1)..];
            var escaped = replacement.IsEmpty ? (byte)0 : replacement[0];
            var group = escaped switch { >= (byte)'1' and <= (byte)'9' => escaped - '0', (byte)'&' => 0, _ => -1 };
            if (group >= 0)
            {
                if (group < groups.Length && groups[group].Start >= 0)
                {
                    output.Write(text[expression.BytesOf(groups[group].Start, groups[group].End)]);
                }
            }
            else
            {
                // Any other backslash stands for itself, two for one.
                output.Write("\\"u8);
                if (escaped != '\\')
                {
                    continue;
                }
            }

            replacement = replacement[1..];
        }

        output.Write(replacement);
    }
}
