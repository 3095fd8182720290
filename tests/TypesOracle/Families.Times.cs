using System.Globalization;

namespace Rqlite.Pg.TypesOracle;

internal static partial class Families
{
    private static readonly string[] s_styles =
        ["ISO, MDY", "ISO, DMY", "ISO, YMD", "SQL, MDY", "SQL, DMY", "Postgres, MDY", "Postgres, DMY", "German, DMY", "German, YMD", "SQL, YMD"];

    private static readonly string[] s_zones =
    [
        "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia",
        "EST5EDT",
        "Africa/Cairo", "Europe/Dublin", "Asia/Tehran", "America/Sao_Paulo", "Europe/Moscow", "FOO+3", "BAR-5:30BAZ,M3.2.0,M11.1.0",
    ];

    private static readonly string[] s_dates =
    [
        "2024-02-29", "2023-02-29", "1999-01-08", "January 8, 1999", "1/8/1999", "1/18/1999", "18/1/1999", "01/02/03", "1999-Jan-08", "Jan-08-1999",
        "08-Jan-1999", "99-Jan-08", "08-Jan-99", "Jan-08-99", "19990108", "990108", "1999.008", "J2451187", "January 8, 99 BC", "2024-13-01",
        "2024-00-10",
        "2024-01-32", "24-1-2", "2024.1.2", "2024/01/02", "2.1.2024", "31.12.2023", "epoch", "infinity", "-infinity", "+infinity", "Infinity",
        "0001-01-01",
        "0000-01-01", "0001-01-01 BC", "4714-11-24 BC", "4714-11-23 BC", "5874897-12-31", "5874898-01-01", "294276-12-31", "10000-01-01",
        "y2024m03d04",
        "2024-060", "2024.366", "2023.366", "Mon Jan 1 2024", "Monday, 1 January 2024", "1 Jan 24", "Jan 1 24", "24 Jan 1", "2024 Jan 1",
        "Feb 30 2024",
        "abc", "", "2024", "20240", "2024-01", "202401", "1 2 3 4", "jan 2024", "2024-jan", "2024-01-01 foo", "today is", "12:00", "2024-01-01 12:00",
        "2024-01-01 25:00", "J0", "J-1", "2451187", "julian 2451187", "J 2451187", "Thu 20-Mar-2024", "2024-01-01BC", "2024-01-01 AD", "1-1-1",
        "99-12-31",
        "00-01-01", "70-01-01", "69-01-01", "2024-1-1-1", "2024--01-01", "2024-01-01-", "-2024-01-01", "+2024-01-01", "dec 31 2024 at",
        "on 2024-01-01",
        "sept 5 2024", "September 5 2024", "5 sep 2024", "JUNE 5 2024", "２０２４-01-01", "2024-01-01T", "99999999999-01-01", "2024-99999999999-01",
    ];

    private static readonly string[] s_clocks =
    [
        "12:34:56", "12:34", "00:00:00", "24:00:00", "24:00:01", "23:59:60", "23:59:59.999999", "23:59:59.9999995", "12:34:56.789",
        "04:05:06.7891234", "12:34:56.",
        "4:5:6", "040506", "0405", "04:05 AM", "04:05 PM", "12:05 am", "12:05 PM", "13:05 pm", "13:05 AM", "allballs", "25:00", "12:60", "12:34:61",
        "12:34.5",
        "1234.5", "123456.789", "T123456", "t 12:34", "12", "", "abc", "12:34:56:78", "-12:34", "12:-34", "12h34m56s", "h12 mm34 s56.7",
        "99999999999:00", "12 PM",
    ];

    private static readonly string[] s_zoneTexts =
    [
        "", "Z", "z", "+00", "-08", "+05:30", "-0330", "+14", "+15:59", "+16", "-15:59:59", "+05:30:15", "UTC", "GMT", "EST", "EDT", "PST", "CET",
        "CEST", "MSK", "IST",
        "Europe/Berlin", "america/new_york", "Etc/GMT+5", "America/Los_Angeles", "Foo/Bar", "XYZ", "zulu", "UTC+3", "EST5EDT", "MET DST", "+5",
        "+530", "+05:", "++5", "-8 DST",
        "LMT", "ART", "Asia/Kolkata", "Europe/London", "BST", "NZDT", "AKST",
    ];

    private static IEnumerable<OracleCase> Times(Random random)
    {
        foreach (var date in s_dates)
        {
            foreach (var style in s_styles)
            {
                yield return new OracleCase("parse date", "DateStyle=" + style, date);
            }

            yield return new OracleCase("parse timestamp", "", date);
            yield return new OracleCase("parse timestamptz", "TimeZone=Europe/Berlin", date);
            yield return new OracleCase("parse timestamp", "DateStyle=German, DMY", date);
            yield return new OracleCase("parse timestamptz", "DateStyle=Postgres, DMY;TimeZone=America/New_York", date);
            yield return new OracleCase("parse timestamptz", "DateStyle=SQL, MDY;TimeZone=Asia/Kathmandu", date);
            yield return new OracleCase("send date", "", date);
            yield return new OracleCase("send timestamp", "", date);
        }

        foreach (var clock in s_clocks)
        {
            yield return new OracleCase("parse time", "", clock);
            yield return new OracleCase("send time", "", clock);
            foreach (var zone in s_zoneTexts)
            {
                var text = zone.Length == 0 ? clock : $"{clock} {zone}";
                // Without a date these depend on the day on which they are asked.
                if (zone is not ("MSK" or "ART" or "LMT"))
                {
                    yield return new OracleCase("parse timetz", "", text);
                    yield return new OracleCase("parse timetz", "", clock + zone);
                }

                yield return new OracleCase("parse timetz", "", "2024-07-01 " + text);
                yield return new OracleCase("parse timestamptz", "TimeZone=America/New_York", "2024-07-01 " + text);
                yield return new OracleCase("parse timestamptz", "", $"2024-01-15 {clock}{zone}");
                yield return new OracleCase("parse timestamp", "", "2024-07-01T" + text);
                yield return new OracleCase("parse time", "", "2024-07-01 " + text);
            }
        }

        for (var i = 0; i < 3000; i++)
        {
            var text = RandomMoment(random);
            var style = Pick(random, s_styles);
            yield return new OracleCase(
                "parse " + Pick(random, ["date", "timestamp", "timestamptz", "timetz", "time"]),
                $"DateStyle={style};TimeZone={Pick(random, s_zones)}", text);
        }

        foreach (var type in new[] { "timestamp", "timestamptz", "time", "timetz" })
        {
            for (var precision = 0; precision <= 6; precision++)
            {
                foreach (var second in new[] { "59.999999", "12.345678", "12.5", "12.4999995", "0.0000005", "12.345650" })
                {
                    var text = $"23:59:{second}";
                    yield return new OracleCase($"{type}({precision})", "", type.StartsWith("times",
                        StringComparison.Ordinal) ? "2023-12-31 " + text : text);
                    yield return new OracleCase($"{type}({precision})", "", type.StartsWith("times",
                        StringComparison.Ordinal) ? "1969-12-31 " + text : text);
                }
            }
        }
    }

    private static string RandomMoment(Random random)
    {
        var separator = Pick(random, ["-", "/", ".", " ", ""]);
        var year = Pick(random, ["2024", "1999", "24", "99", "0044", "12345", "1", "753"]);
        var month = Pick(random, ["1", "02", "12", "13", "Jan", "feb", "March", "Dec", "10"]);
        var day = Pick(random, ["1", "02", "28", "29", "30", "31", "32", "15"]);
        var parts = random.Next(4) switch { 0 => new[] { year, month, day }, 1 => [month, day, year], 2 => [day, month, year], _ => [month, day] };
        var date = string.Join(separator, parts);
        var text = random.Next(5) == 0 ? date : date + Pick(random, [" ", "T", " at ", ", "]) + Pick(random, s_clocks);
        text += random.Next(3) == 0 ? Pick(random, ["", " "]) + Pick(random, s_zoneTexts) : "";
        text += random.Next(12) == 0 ? " BC" : "";
        return random.Next(15) == 0 ? Pick(random, ["Mon ", "Friday, ", "at ", "x"]) + text : text;
    }

    private static string Moment(Random random)
    {
        var day = new DateTime(random.Next(1850, 2090), random.Next(1, 13), 1, 0, 0, 0, DateTimeKind.Unspecified).AddDays(random.Next(31));
        var time = day.AddMilliseconds(random.Next(86_400_000));
        return time.ToString(Pick(random, ["yyyy-MM-dd HH:mm:ss.fff", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd"]), CultureInfo.InvariantCulture);
    }

    private static IEnumerable<OracleCase> Zones(Random random)
    {
        foreach (var zone in s_zones)
        {
            for (var i = 0; i < 120; i++)
            {
                var style = random.Next(3) == 0 ? Pick(random, s_styles) : "ISO, MDY";
                yield return new OracleCase("parse timestamptz", $"DateStyle={style};TimeZone={zone}", Moment(random) + Pick(random, ["", "", "+00",
                    " Europe/Paris"]));
            }

            // The hours in which clocks change.
            for (var day = 24; day <= 31; day++)
            {
                for (var hour = 0; hour < 4; hour++)
                {
                    foreach (var month in new[] { "03", "10" })
                    {
                        yield return new OracleCase("parse timestamptz", "TimeZone=" + zone, $"2024-{month}-{day} 0{hour}:30");
                    }
                }
            }

            for (var hour = 0; hour < 4; hour++)
            {
                yield return new OracleCase("parse timestamptz", "TimeZone=" + zone, $"2024-03-10 0{hour}:00");
                yield return new OracleCase("parse timestamptz", "TimeZone=" + zone, $"2024-11-03 0{hour}:00");
            }

            foreach (var text in new[] { "9999-07-01 12:00", "12000-07-01", "0001-01-01", "1000-01-01 BC", "1883-11-18 12:00", "1945-05-24 02:30",
                "2037-07-01", "2038-12-01", "2500-07-01" })
            {
                yield return new OracleCase("parse timestamptz", "TimeZone=" + zone, text);
                yield return new OracleCase("parse timestamptz", "DateStyle=Postgres, MDY;TimeZone=" + zone, text);
            }

            foreach (var target in s_zones.Concat(["EST", "MSK", "nowhere", "+3", "europe/LONDON", "PDT"]))
            {
                yield return new OracleCase("timestamptz at zone", "", Moment(random), target);
                yield return new OracleCase("timestamp at zone", "", Moment(random), target);
            }
        }

        foreach (var abbreviation in new[] { "MSK", "IRKT", "VET", "EAST", "AZT", "SGT", "KGT", "NOVT", "ULAT", "VOLT", "CKT", "LHDT", "PYT", "GET" })
        {
            foreach (var year in new[] { 1930, 1960, 1992, 2005, 2012, 2020 })
            {
                yield return new OracleCase("parse timestamptz", "", $"{year}-07-01 12:00 {abbreviation}");
                yield return new OracleCase("parse timestamptz", "", $"{year}-01-01 12:00 {abbreviation}");
            }
        }
    }

    private static IEnumerable<OracleCase> TimeArithmetic(Random random)
    {
        string[] intervals =
        [
            "1 day", "1 month", "-1 month", "1 year 2 months 3 days 04:05:06.789", "-1 day +01:00", "24 hours", "1 month -1 day", "100 years",
            "-13 months",
            "0", "1.5 days", "36 hours", "00:00:00.000001", "300000 years", "-300000 years", "2147483647 days", "1 week",
        ];
        string[] units =
        [
            "microseconds", "milliseconds", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade", "century",
            "millennium", "isoyear",
            "dow", "isodow", "doy", "epoch", "julian", "timezone", "timezone_hour", "timezone_minute", "nonsense", "Years", "MON",
        ];
        string[] moments =
        [
            "2024-02-29 12:34:56.789", "2024-01-31", "2023-03-26 01:30", "1969-12-31 23:59:59.999999", "0001-01-01", "0044-03-15 BC", "2000-12-31",
            "2001-01-01",
            "1900-01-01", "infinity", "-infinity", "2024-12-30 00:00:01", "2021-01-03", "9999-12-31 23:59:59", "294276-12-31",
        ];
        foreach (var moment in moments.Concat(Enumerable.Range(0, 60).Select(_ => Moment(random))))
        {
            foreach (var type in new[] { "timestamp", "timestamptz" })
            {
                var settings = type == "timestamptz" ? "TimeZone=" + Pick(random, s_zones) : "";
                foreach (var interval in intervals)
                {
                    yield return new OracleCase($"{type} {(random.Next(2) == 0 ? "+" : "-")} interval", settings, moment, interval);
                }

                foreach (var unit in units)
                {
                    yield return new OracleCase(type + " extract", settings, unit, moment);
                    yield return new OracleCase(type + " trunc", settings, unit, moment);
                }

                var other = random.Next(3) == 0 ? Pick(random, moments) : Moment(random);
                yield return new OracleCase($"{type} - {type}", settings, moment, other);
                yield return new OracleCase(type + " age", settings, moment, other);
                yield return new OracleCase(type + " bin", settings, Pick(random, ["15 minutes", "1 day", "7 days 3 hours", "1 month", "0",
                    "-1 hour"]), moment, other);
                yield return new OracleCase(type + " to date", settings, moment);
                yield return new OracleCase(type + " to time", settings, moment);
                yield return new OracleCase("compare " + type, settings, moment, other);
                yield return new OracleCase($"send {type}", settings, moment);
            }

            var date = moment.Split(' ')[0] + (moment.EndsWith("BC", StringComparison.Ordinal) ? " BC" : "");
            foreach (var unit in units)
            {
                yield return new OracleCase("date extract", "", unit, date);
            }

            yield return new OracleCase("date + int", "", date, Pick(random, ["1", "-1", "365", "2147483647", "-2147483648"]));
            yield return new OracleCase("date - date", "", date, Moment(random));
            yield return new OracleCase("date + interval", "", date, Pick(random, intervals));
            yield return new OracleCase("date to timestamptz", "TimeZone=" + Pick(random, s_zones), date);
        }

        string[] clocks = ["00:00", "12:34:56.789", "23:59:59.999999", "24:00"];
        foreach (var clock in clocks)
        {
            foreach (var unit in units)
            {
                yield return new OracleCase("time extract", "", unit, clock);
                yield return new OracleCase("timetz extract", "", unit, clock + "+05:30");
            }

            foreach (var interval in intervals)
            {
                yield return new OracleCase("time + interval", "", clock, interval);
                yield return new OracleCase("timetz + interval", "", clock + "-03", interval);
            }

            foreach (var other in clocks)
            {
                yield return new OracleCase("time - time", "", clock, other);
                yield return new OracleCase("compare timetz", "", clock + "+01", other + "-02:30");
            }

            yield return new OracleCase("timetz at zone", "", clock + "+01", "5 hours");
            yield return new OracleCase("send timetz", "", clock + "+05:30");
        }
    }
}
