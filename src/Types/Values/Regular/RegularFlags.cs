namespace Rqlite.Pg.Types.Values;

/// <summary>How a regular expression is read and matched.</summary>
[Flags]
public enum RegularFlags
{
    /// <summary>A basic expression.</summary>
    None = 0,

    /// <summary>An extended one.</summary>
    Extended = 1,

    /// <summary>The escapes and extensions of advanced ones.</summary>
    Escapes = 2,
    Advanced = Extended | Escapes,

    /// <summary>The pattern is a literal text.</summary>
    Quote = 4,
    IgnoreCase = 8,

    /// <summary>White space and comments in the pattern do not count.</summary>
    Expanded = 16,

    /// <summary><c>.</c> and complements of brackets do not match a newline.</summary>
    NewlineStops = 32,

    /// <summary><c>^</c> and <c>$</c> match at newlines.</summary>
    NewlineAnchors = 64,
    Newline = NewlineStops | NewlineAnchors,
}
