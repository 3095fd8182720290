namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>How tightly operators bind, from the loosest (PostgreSQL manual, section 4.1.6).</summary>
internal static class Precedence
{
    public const int None = -1;
    public const int Or = 1;
    public const int And = 2;
    public const int Not = 3;
    public const int Is = 4;
    public const int Comparison = 5;
    public const int Match = 6;
    public const int OtherOperator = 8;
    public const int Additive = 9;
    public const int Multiplicative = 10;
    public const int Power = 11;
    public const int AtTimeZone = 12;
    public const int Collate = 13;
    public const int UnaryMinus = 14;
    public const int Cast = 16;
    public const int Primary = 17;

    public static int OfOperator(ReadOnlySpan<char> symbol) => symbol switch
    {
        "+" or "-" => Additive,
        "*" or "/" or "%" => Multiplicative,
        "^" => Power,
        "<" or ">" or "=" or "<=" or ">=" or "<>" or "!=" => Comparison,
        "=>" => None,
        _ => OtherOperator,
    };
}
