namespace Rqlite.Pg.Types.Values;

/// <summary>boolean's words: unique prefixes of true, false, yes, no, and on, off, 1, 0.</summary>
public static class Booleans
{
    public static bool Parse(ReadOnlySpan<byte> text) => TryParse(text, out var truth) ? truth : throw TypeErrors.Syntax("boolean", text);

    public static bool TryParse(ReadOnlySpan<byte> text, out bool truth)
    {
        text = AsciiText.Trim(text);
        truth = IsPrefix(text, "true"u8, 1) || IsPrefix(text, "yes"u8, 1) || IsPrefix(text, "on"u8, 2) || text.SequenceEqual("1"u8);
        return truth || IsPrefix(text, "false"u8, 1) || IsPrefix(text, "no"u8, 1) || IsPrefix(text, "off"u8, 2) || text.SequenceEqual("0"u8);
    }

    private static bool IsPrefix(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word, int lengthMin) =>
        text.Length >= lengthMin && text.Length <= word.Length && AsciiText.EqualsIgnoreCase(text, word[..text.Length]);
}
