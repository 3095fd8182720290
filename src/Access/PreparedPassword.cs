using System.Text;

namespace Rqlite.Pg.Access;

/// <summary>
/// The form of a password from which SCRAM's keys are computed (SASLprep, RFC 4013). Clients normalise what is not ASCII, for which this server
/// has no tables; so it takes only characters that normalisation leaves as they are.
/// </summary>
internal static class PreparedPassword
{
    private static readonly (char First, char Last)[] s_stable =
    [
        ('\u00c0', '\u00d6'), ('\u00d8', '\u00f6'), ('\u00f8', '\u00ff'), // letters of Latin-1
        ('\u0391', '\u03a1'), ('\u03a3', '\u03c9'), // Greek
        ('\u0400', '\u045f'), // Cyrillic
        ('\u3041', '\u3094'), ('\u30a1', '\u30fa'), // kana
        ('\u4e00', '\u9fff'), // Chinese characters
        ('\uac00', '\ud7a3'), // Korean syllables
    ];

    /// <exception cref="FormatException">Clients may send another form of the password.</exception>
    public static byte[] BytesOf(string password) => password.All(IsStable)
        ? Encoding.UTF8.GetBytes(password)
        : throw new FormatException(
            "the password has characters that clients may send in another form (RFC 4013); choose another one, or give the verifier that "
            + "PostgreSQL's \\password makes");

    /// <summary>The bytes of a password that somebody presents, which is wrong if it has another form.</summary>
    public static byte[] BytesOrRaw(string password) => Encoding.UTF8.GetBytes(password);

    private static bool IsStable(char character) => character is >= ' ' and <= '~'
        || Array.Exists(s_stable, range => character >= range.First && character <= range.Last);
}
