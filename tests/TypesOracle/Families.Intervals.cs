using System.Globalization;

namespace Rqlite.Pg.TypesOracle;

internal static partial class Families
{
    private static readonly string[] s_intervals =
    [
        "1 day", "1-2", "-1-2", "1 2:03:04", "-1 2:03:04", "1 +2:03", "1 year 2 mons 3 days 04:05:06", "@ 1 hour ago", "1 day ago",
        "P1Y2M3DT4H5M6S", "PT0S",
        "P-1Y-2M", "P0001-02-03T04:05:06", "P00010203T040506", "P1W", "PT1.5H", "P1.5D", "PT-0.5S", "1.5 years", "1.5 months", "1.5 weeks",
        "1.5 days", "1.5 hours",
        "0.1 second", "1 microsecond", "1500 ms", "2 us", "1 millennium", "1 century 2 decades", "1 c", "1.75 decades", "-0.5 year", "12:34",
        "-12:34:56.789", "1:02.5",
        "5", "5.5", "-5", "1 quarter", "infinity", "abc", "", "1 day 2 days", "1 foo", "1 2 3", "P", "PT", "P1", "1h30m", "1 hour 30 min",
        "1d2h3m4s", "2147483647 days",
        "2147483648 days", "-2147483648 days", "178956970 years 7 mons", "178956970 years 8 mons", "178956971 years", "2562047788:00:54.775807",
        "2562047789:00:00",
        "9223372036854775807 us", "9223372036854775808 us", "1 mon -1 day", "-1 mon +1 day", "1 mon -1 day -01:00", "-1 mon -1 day +01:00",
        "0.000001 day", "0:00:00.0000005",
        "1 day 24:00", "10:61", "10:10:61", "1 year ago 2 days", "ago 1 day", "+1 day", "1 day -2:03", "1e3 days", "1.1.1", "P1Y-2M", "p1y",
        "PT1M30.25S", "1 d", "1 hours",
        "3 mils", "1 dec", "1 timezone", "--1 day", "1 day,2 hours", "01:02:03.123456789", "P10-12", "P1-2-3", "PT10:20:30", "PT102030",
        "P20240102", "-P1D", "P1DT", "PT1", "PT1:2",
        "1 month 15 days ago", "6 months 1.5 years", "0.7 weeks", "0.123456789 months", "1000000000 weeks", "99999999999999999999",
        "1 sec 500 msec 20 usec", "1.5 sec 3 ms",
    ];

    private static IEnumerable<OracleCase> Intervals(Random random)
    {
        string[] styles = ["postgres", "postgres_verbose", "sql_standard", "iso_8601"];
        foreach (var text in s_intervals.Concat(Enumerable.Range(0, 500).Select(_ => RandomInterval(random))))
        {
            foreach (var style in styles)
            {
                yield return new OracleCase("parse interval", "IntervalStyle=" + style, text);
            }

            yield return new OracleCase("send interval", "", text);
        }

        string[] fields =
        [
            "year", "month", "day", "hour", "minute", "second", "year to month", "day to hour", "day to minute", "day to second", "hour to minute",
            "hour to second",
            "minute to second", "second(2)", "day to second(3)",
        ];
        string[] fieldTexts = ["1", "1.5", "1-2", "12:34", "12:34:56.789", "3 12:34:56.789", "1 year 2 mons 3 days 04:05:06.789", "-7", "2 12",
            "-1 02:03"];
        foreach (var field in fields)
        {
            foreach (var text in fieldTexts)
            {
                yield return new OracleCase("interval " + field, "", text);
            }
        }

        foreach (var text in fieldTexts)
        {
            yield return new OracleCase("interval(0)", "", text);
            yield return new OracleCase("interval(3)", "", text + "456");
        }

        string[] factors = ["0", "1", "-1", "0.5", "1.5", "-2.75", "1e10", "1e300", "NaN", "Infinity", "0.3333333", "12", "100.1"];
        for (var i = 0; i < 600; i++)
        {
            var (left, right) = (RandomInterval(random), RandomInterval(random));
            yield return new OracleCase("interval add", "", left, right);
            yield return new OracleCase("interval sub", "", left, right);
            yield return new OracleCase("compare interval", "", left, right);
            yield return new OracleCase("interval neg", "", left);
            yield return new OracleCase("interval justify", "", left);
            yield return new OracleCase("interval justify hours", "", left);
            yield return new OracleCase("interval justify days", "", left);
            yield return new OracleCase("interval mul", "", left, Pick(random, factors));
            yield return new OracleCase("interval div", "", left, Pick(random, factors));
            yield return new OracleCase("interval mul", "", left, (random.NextDouble() * 20 - 10).ToString("R", CultureInfo.InvariantCulture));
            var unit = Pick(random, ["microseconds", "milliseconds", "second", "minute", "hour", "day", "week", "month", "quarter", "year",
                "decade", "century", "millennium", "epoch", "dow"]);
            yield return new OracleCase("interval extract", "", unit, left);
            yield return new OracleCase("interval trunc", "", unit, left);
        }
    }

    private static string RandomInterval(Random random)
    {
        string Number(int max) => (random.Next(4) == 0 ? "-" : "") + random.Next(max).ToString(CultureInfo.InvariantCulture)
            + (random.Next(6) == 0 ? "." + Digits(random, random.Next(1, 6)) : "");
        var parts = new List<string>();
        if (random.Next(2) == 0)
        {
            parts.Add(Number(100) + Pick(random, [" years", " y", " yr"]));
        }

        if (random.Next(2) == 0)
        {
            parts.Add(Number(30) + Pick(random, [" months", " mon", " mons"]));
        }

        if (random.Next(2) == 0)
        {
            parts.Add(Number(100) + Pick(random, [" days", " d"]));
        }

        if (random.Next(2) == 0)
        {
            parts.Add((random.Next(4) == 0 ? "-" : "") + $"{random.Next(60):00}:{random.Next(60):00}:{random.Next(60):00}.{Digits(random, 6)}");
        }

        return parts.Count == 0 ? Number(1000) + " hours" : string.Join(' ', parts) + (random.Next(8) == 0 ? " ago" : "");
    }
}
