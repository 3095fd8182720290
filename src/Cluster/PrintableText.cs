using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Cluster;

/// <summary>Text of strangers as it may stand in a log: one line, of bounded length, without characters that a terminal obeys.</summary>
public static class PrintableText
{
    private const int CharactersMax = 300;

    public static string Of(string text)
    {
        if (text.Length <= CharactersMax && !text.Any(IsUnsafe))
        {
            return text;
        }

        var safe = new StringBuilder();
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, CharactersMax)))
        {
            if (IsUnsafe(character))
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            else
            {
                safe.Append(character);
            }
        }

        return (text.Length > CharactersMax ? safe.Append('…') : safe).ToString();
    }

    private static bool IsUnsafe(char character) => char.GetUnicodeCategory(character) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse;
}
