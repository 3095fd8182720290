using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Functions and operators over regular expressions.</summary>
internal static class RegularFunctions
{
    private const RegularFlags IgnoreCase = RegularFlags.Advanced | RegularFlags.IgnoreCase;

    internal static void Register(FunctionRegistry registry)
    {
        foreach (var (prefix, type) in new[] { ("text", "text"), ("name", "name"), ("bpchar", "character") })
        {
            registry.Call($"{prefix}regexeq({type},text)", (in call) => call.Return(Matches(call, RegularFlags.Advanced)));
            registry.Call($"{prefix}regexne({type},text)", (in call) => call.Return(!Matches(call, RegularFlags.Advanced)));
            registry.Call($"{prefix}icregexeq({type},text)", (in call) => call.Return(Matches(call, IgnoreCase)));
            registry.Call($"{prefix}icregexne({type},text)", (in call) => call.Return(!Matches(call, IgnoreCase)));
        }

        registry.Call("regexp_like(text,text)", (in call) => call.Return(Matches(call, RegularFlags.Advanced)));
        registry.Call("regexp_like(text,text,text)", (in call) =>
            call.Return(Matches(call, RegularMatches.OptionsWithoutGlobal(call.Word(2), "regexp_like()"))));
        registry.Call("substring(text,text)", (in call) => Substring(call, call.Bytes(1)));
        registry.Call("substring(text,text,text)", (in call) => Substring(call, SimilarTo.ToRegular(call.Bytes(1), call.Bytes(2))));
        registry.Call("regexp_match(text,text)", (in call) => Match(call, RegularFlags.Advanced));
        registry.Call("regexp_match(text,text,text)", (in call) => Match(
            call, RegularMatches.OptionsWithoutGlobal(call.Word(2), "regexp_match()", "Use the regexp_matches function instead.")));
        registry.Call("regexp_split_to_array(text,text)", (in call) => Split(call, RegularFlags.Advanced));
        registry.Call("regexp_split_to_array(text,text,text)", (in call) =>
            Split(call, RegularMatches.OptionsWithoutGlobal(call.Word(2), "regexp_split_to_array()")));

        registry.Call("regexp_count(text,text)", Count);
        registry.Call("regexp_count(text,text,integer)", Count);
        registry.Call("regexp_count(text,text,integer,text)", Count);
        foreach (var arguments in new[]
        {
            "text,text", "text,text,integer", "text,text,integer,integer", "text,text,integer,integer,integer",
            "text,text,integer,integer,integer,text", "text,text,integer,integer,integer,text,integer",
        })
        {
            registry.Call($"regexp_instr({arguments})", Position);
        }

        foreach (var arguments in new[]
        {
            "text,text", "text,text,integer", "text,text,integer,integer", "text,text,integer,integer,text",
            "text,text,integer,integer,text,integer",
        })
        {
            registry.Call($"regexp_substr({arguments})", PartOfMatch);
        }

        RegularReplacement.Register(registry);
    }

    /// <summary>A parameter that counts from 1.</summary>
    internal static int Positive(in FunctionCall call, int argument, string name) => AtLeast(call, argument, name, 1, 1);

    internal static int AtLeast(in FunctionCall call, int argument, string name, int min, int otherwise)
    {
        if (call.Count <= argument)
        {
            return otherwise;
        }

        var value = call.Int32(argument);
        return value >= min
            ? value
            : throw new TypeException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": {value}");
    }

    private static bool Matches(in FunctionCall call, RegularFlags flags)
    {
        var expression = RegularExpression.Get(call.Bytes(1), flags);
        expression.Load(call.Bytes(0));
        return expression.Exists();
    }

    private static void Substring(in FunctionCall call, ReadOnlySpan<byte> pattern)
    {
        var expression = RegularExpression.Get(pattern, RegularFlags.Advanced);
        var text = call.Bytes(0);
        expression.Load(text);

        // The first group stands for the whole match if there is one.
        Span<(int Start, int End)> groups = stackalloc (int, int)[expression.Groups > 0 ? 2 : 1];
        if (expression.Find(0, groups) && groups[^1].Start >= 0)
        {
            call.ReturnText(text[expression.BytesOf(groups[^1].Start, groups[^1].End)]);
        }
    }

    private static void Match(in FunctionCall call, RegularFlags flags)
    {
        var text = call.Bytes(0);
        var matches = new RegularMatches(RegularExpression.Get(call.Bytes(1), flags), text, 0, global: false);
        if (matches.Count > 0)
        {
            var output = Arguments.TakeBuffer();
            matches.WriteGroups(text, 0, output);
            ResultSize.Require(output.WrittenCount);
            call.ReturnText(output.WrittenSpan);
        }
    }

    private static void Split(in FunctionCall call, RegularFlags flags)
    {
        var text = call.Bytes(0);
        var matches = new RegularMatches(RegularExpression.Get(call.Bytes(1), flags), text, 0, global: true, splits: true);
        var output = Arguments.TakeBuffer();
        output.Write("["u8);
        for (var i = 0; i <= matches.Count; i++)
        {
            output.Write(i == 0 ? default : ","u8);
            JsonText.WriteString(text[matches.Piece(i, text.Length)], output);
        }

        output.Write("]"u8);
        ResultSize.Require(output.WrittenCount);
        call.ReturnText(output.WrittenSpan);
    }

    private static void Count(in FunctionCall call)
    {
        var start = Positive(call, 2, "start");
        var flags = call.Count > 3 ? RegularMatches.OptionsWithoutGlobal(call.Word(3), "regexp_count()") : RegularFlags.Advanced;
        var matches = new RegularMatches(RegularExpression.Get(call.Bytes(1), flags), call.Bytes(0), start - 1, global: true);
        call.Return((long)matches.Count);
    }

    private static void Position(in FunctionCall call)
    {
        var start = Positive(call, 2, "start");
        var number = Positive(call, 3, "n");
        var atEnd = AtLeast(call, 4, "endoption", 0, 0);
        if (atEnd > 1)
        {
            throw new TypeException(SqlState.InvalidParameterValue, $"invalid value for parameter \"endoption\": {atEnd}");
        }

        var group = AtLeast(call, 6, "subexpr", 0, 0);
        var flags = call.Count > 5 ? RegularMatches.OptionsWithoutGlobal(call.Word(5), "regexp_instr()") : RegularFlags.Advanced;
        var expression = RegularExpression.Get(call.Bytes(1), flags);
        var matches = new RegularMatches(expression, call.Bytes(0), start - 1, global: true);
        group = matches.GroupOf(group);
        if (number > matches.Count || group < 0 || matches[number - 1, group] is not { Start: >= 0 } place)
        {
            call.Return(0L);
            return;
        }

        call.Return(Strings.CountCharacters(call.Bytes(0)[..(atEnd == 1 ? place.End : place.Start)]) + 1L);
    }

    private static void PartOfMatch(in FunctionCall call)
    {
        var start = Positive(call, 2, "start");
        var number = Positive(call, 3, "n");
        var group = AtLeast(call, 5, "subexpr", 0, 0);
        var flags = call.Count > 4 ? RegularMatches.OptionsWithoutGlobal(call.Word(4), "regexp_substr()") : RegularFlags.Advanced;
        var text = call.Bytes(0);
        var matches = new RegularMatches(RegularExpression.Get(call.Bytes(1), flags), text, start - 1, global: true);
        group = matches.GroupOf(group);
        if (number <= matches.Count && group >= 0 && matches[number - 1, group] is { Start: >= 0 } place)
        {
            call.ReturnText(text[place.Start..place.End]);
        }
    }
}
