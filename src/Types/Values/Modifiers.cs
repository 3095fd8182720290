namespace Rqlite.Pg.Types.Values;

/// <summary>How type modifiers are packed into <c>atttypmod</c>.</summary>
public static class Modifiers
{
    public const int HeaderBytes = 4;

    /// <summary>interval's fields when none are named.</summary>
    public const int IntervalFullRange = 0x7FFF;

    /// <summary>interval's precision when none is named.</summary>
    public const int IntervalFullPrecision = 0xFFFF;

    public static (int Precision, int Scale) Numeric(int modifier)
    {
        var packed = modifier - HeaderBytes;
        return ((packed >> 16) & 0xFFFF, ((packed & 0x7FF) ^ 1024) - 1024);
    }

    public static int ForNumeric(int precision, int scale) => ((precision << 16) | (scale & 0x7FF)) + HeaderBytes;

    /// <summary>The length in characters of varchar and char; -1 for none.</summary>
    public static int Length(int modifier) => modifier >= HeaderBytes ? modifier - HeaderBytes : -1;
}
