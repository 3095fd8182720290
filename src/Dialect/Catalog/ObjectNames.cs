using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The names that PostgreSQL gives to constraints, indexes and sequences whose statement gives none.</summary>
internal static class ObjectNames
{
    /// <summary>The most bytes of a name (NAMEDATALEN less the terminating zero).</summary>
    public const int BytesMax = 63;

    /// <summary>Joins parts with underscores and shortens the first two alike so that the whole fits.</summary>
    /// <param name="second">Null for none.</param>
    /// <param name="label">For example pkey; null for none.</param>
    public static string Make(string first, string? second, string? label)
    {
        var overhead = (second is null ? 0 : 1) + (label is null ? 0 : Length(label) + 1);
        var available = BytesMax - overhead;
        var (one, two) = (Length(first), second is null ? 0 : Length(second));
        while (one + two > available)
        {
            if (one > two)
            {
                one--;
            }
            else
            {
                two--;
            }
        }

        var name = new StringBuilder(Clip(first, one));
        if (second is not null)
        {
            name.Append('_').Append(Clip(second, two));
        }

        return label is null ? name.ToString() : name.Append('_').Append(label).ToString();
    }

    /// <summary>The first name of its kind that is free: with a number behind the label from the second on.</summary>
    public static string Choose(string first, string? second, string label, Func<string, bool> taken)
    {
        var name = Make(first, second, label);
        for (var pass = 1; taken(name); pass++)
        {
            name = Make(first, second, label + pass.ToString(CultureInfo.InvariantCulture));
        }

        return name;
    }

    /// <summary>The part of a name that stands for its columns.</summary>
    public static string JoinColumns(IEnumerable<string> columns)
    {
        var joined = new StringBuilder();
        foreach (var column in columns)
        {
            if (joined.Length > 0)
            {
                joined.Append('_');
            }

            joined.Append(column);
            if (Length(joined.ToString()) > BytesMax)
            {
                break;
            }
        }

        return joined.ToString();
    }

    /// <summary>The start of a text that has at most so many bytes, without cutting a character.</summary>
    public static string Clip(string text, int bytes)
    {
        if (Length(text) <= bytes)
        {
            return text;
        }

        var end = 0;
        var used = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            used += rune.Utf8SequenceLength;
            if (used > bytes)
            {
                break;
            }

            end += rune.Utf16SequenceLength;
        }

        return text[..end];
    }

    private static int Length(string text) => Encoding.UTF8.GetByteCount(text);
}
