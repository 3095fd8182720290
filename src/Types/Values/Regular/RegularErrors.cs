namespace Rqlite.Pg.Types.Values;

/// <summary>What is wrong with a regular expression, in PostgreSQL's words.</summary>
internal static class RegularErrors
{
    public static TypeException Argument() => Invalid("invalid argument to regex function");

    public static TypeException Braces() => Invalid("braces {} not balanced");

    public static TypeException Brackets() => Invalid("brackets [] not balanced");

    public static TypeException Bound() => Invalid("invalid repetition count(s)");

    public static TypeException Class() => Invalid("invalid character class");

    public static TypeException CollatingElement() => Invalid("invalid collating element");

    public static TypeException Escape() => Invalid("invalid escape \\ sequence");

    public static TypeException Option() => Invalid("invalid embedded option");

    public static TypeException Parentheses() => Invalid("parentheses () not balanced");

    public static TypeException Quantifier() => Invalid("quantifier operand invalid");

    public static TypeException Range() => Invalid("invalid character range");

    public static TypeException Reference() => Invalid("invalid backreference number");

    public static TypeException TooComplex() => Invalid("regular expression is too complex");

    public static TypeException Version() => Invalid("invalid regexp (reg version 0.8)");

    /// <summary>The work for a match is bounded, so that no pattern holds the database up; PostgreSQL would go on.</summary>
    public static TypeException TooLong() => new(
        SqlState.ProgramLimitExceeded, "regular expression failed: too many steps", "The pattern tries too many ways to match the text.");

    private static TypeException Invalid(string reason) => new(SqlState.InvalidRegularExpression, $"invalid regular expression: {reason}");
}
