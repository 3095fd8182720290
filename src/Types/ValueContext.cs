namespace Rqlite.Pg.Types;

/// <summary>The surroundings that reading and writing a value may depend on: settings, the present moment, names of objects.</summary>
/// <param name="Now">
/// The start of the transaction in microseconds since 2000-01-01 UTC, for the words now, today, tomorrow and yesterday and for time zones that
/// need a date. The caller gives it, so that every replica reads the same.
/// </param>
/// <param name="Names">For the reg types; without it they are numbers.</param>
public readonly record struct ValueContext(FormatSettings Settings, long Now = 0, IObjectNames? Names = null)
{
    /// <summary>For <see cref="Now"/>: there is no moment, so words that need one are refused.</summary>
    public const long NoMoment = long.MinValue;

    public static ValueContext Default { get; } = new(FormatSettings.Default);

    /// <summary>For values that lie in the database: no session's settings, and <c>now</c> is not a value.</summary>
    public static ValueContext Stored { get; } = new(FormatSettings.Default, NoMoment);
}
