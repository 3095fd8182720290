namespace Rqlite.Pg.Types.Values;

public readonly partial record struct Interval
{
    /// <summary>Reads an interval in PostgreSQL's, the SQL standard's or ISO 8601's form.</summary>
    /// <param name="modifier">The fields and precision of the type, -1 for none; a number without a unit is of the smallest field.</param>
    public static Interval Parse(ReadOnlySpan<byte> text, int modifier = -1, IntervalStyle style = IntervalStyle.Postgres)
    {
        var range = modifier < 0 ? Modifiers.IntervalFullRange : (modifier >> 16) & 0x7FFF;
        Span<byte> buffer = stackalloc byte[DateTimeTokens.IntervalBytes];
        var tokens = new DateTimeTokens(buffer);
        var sum = new IntervalSum();
        var result = tokens.TryRead(text) ? new IntervalDecoder(tokens, range, style).Decode(ref sum) : DecodeResult.BadFormat;
        if (result == DecodeResult.BadFormat)
        {
            sum = default;
            result = IsoInterval.Decode(text, ref sum);
        }

        return result switch
        {
            DecodeResult.Done => sum.ToInterval().ApplyModifier(modifier),
            DecodeResult.FieldOverflow => throw TypeErrors.IntervalFieldOverflow(text),
            _ => throw DateTimes.Error(result, text, "interval"),
        };
    }
}
