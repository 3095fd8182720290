using System.Buffers;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>The matches of a regular expression in a text, one after another.</summary>
internal sealed class RegularMatches
{
    private readonly List<(int Start, int End)> _places = [];
    private readonly int _width;

    /// <param name="global">All matches rather than the first.</param>
    /// <param name="splits">Matches of no length at the ends of the text, or just behind another match, do not count.</param>
    public RegularMatches(RegularExpression expression, ReadOnlySpan<byte> text, int start, bool global, bool splits = false)
    {
        Groups = expression.Groups;
        _width = Groups + 1;
        expression.Load(text);
        var groups = new (int Start, int End)[_width];
        var previous = 0;
        while (start <= expression.Length && expression.Find(start, groups))
        {
            var (first, last) = groups[0];
            if (!splits || (first < expression.Length && last > previous))
            {
                foreach (var (groupStart, groupEnd) in groups)
                {
                    _places.Add(groupStart < 0 ? (-1, -1) : Bytes(expression, groupStart, groupEnd));
                }
            }

            if (!global)
            {
                break;
            }

            previous = last;
            start = first == last ? last + 1 : last;
            ResultSize.Require(_places.Count * 8L);
        }
    }

    public int Count => _places.Count / _width;

    /// <summary>The number of groups of the expression.</summary>
    public int Groups { get; }

    /// <summary>The extent of a match (group 0) or of a group of it, in bytes; (-1, -1) for a group that took no part.</summary>
    public (int Start, int End) this[int match, int group] => _places[(match * _width) + group];

    /// <summary>The group that a function's argument names: the match itself is the only one of an expression without groups. -1 for none.</summary>
    public int GroupOf(int argument) => Groups == 0 && argument == 1 ? 0 : argument <= Groups ? argument : -1;

    /// <summary>Writes the groups of a match as an array; the match itself if there are none.</summary>
    public void WriteGroups(ReadOnlySpan<byte> text, int match, IBufferWriter<byte> output)
    {
        output.Write("["u8);
        for (var group = Groups == 0 ? 0 : 1; group <= Groups; group++)
        {
            output.Write(group > 1 ? ","u8 : default);
            var (start, end) = this[match, group];
            if (start < 0)
            {
                output.Write("null"u8);
            }
            else
            {
                JsonText.WriteString(text[start..end], output);
            }
        }

        output.Write("]"u8);
    }

    /// <summary>The text between two matches; the piece behind the last one has their number.</summary>
    public Range Piece(int number, int length) =>
        (number == 0 ? 0 : this[number - 1, 0].End)..(number == Count ? length : this[number, 0].Start);

    /// <summary>Reads options for a function that has no use for <c>g</c>.</summary>
    public static RegularFlags OptionsWithoutGlobal(string options, string function, string? hint = null)
    {
        var flags = RegularExpression.ReadOptions(options, out var global);
        return global
            ? throw new TypeException(SqlState.InvalidParameterValue, $"{function} does not support the \"global\" option", hint: hint)
            : flags;
    }

    private static (int, int) Bytes(RegularExpression expression, int start, int end)
    {
        var range = expression.BytesOf(start, end);
        return (range.Start.Value, range.End.Value);
    }
}
