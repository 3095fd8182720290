using System.Text;

namespace Rqlite.Pg.Cluster;

/// <summary>UTF-8 text of other nodes. Invalid UTF-8 is refused: decoded leniently it would be another text when it is written again.</summary>
internal static class StrictText
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidDataException">The bytes are not UTF-8.</exception>
    public static string Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return s_strict.GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("A text is not valid UTF-8.", e);
        }
    }
}
