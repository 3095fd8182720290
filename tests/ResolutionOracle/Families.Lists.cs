using System.Reflection;

namespace Rqlite.Pg.ResolutionOracle;

internal sealed partial class Families
{
    private static readonly string[] s_types = Lines("types");

    /// <summary>Types that are often meant.</summary>
    private static readonly string[] s_common = Lines("common-types");

    private static readonly string[] s_otherTypes = Lines("other-types");

    /// <summary>Names of types that may be called.</summary>
    private static readonly string[] s_castNames = Lines("cast-names");

    private static readonly string[] s_numbers = Lines("numbers");

    private static readonly (string[] Types, string[] Texts)[] s_literals =
    [
        (["int4", "int8", "int2", "oid", "posint", "posint2"],
            ["1", " 12 ", "-1", "abc", "1.5", "", "99999999999", "9999999999999999999999"]),
        (["numeric", "numeric(4,1)", "num52", "float8", "float4"], ["1", "1.25", "abc", "", "1e10", "NaN", "-0", "1e999"]),
        (["bool"], ["t", "yes", "off", "abc", "", "1", "2"]),
        (["text", "varchar", "varchar(3)", "bpchar", "bpchar(3)", "char", "name", "short", "ctext", "\"char\""],
            ["", "a", "abcdef", "ab   ", "äöüß"]),
        (["date", "timestamp", "timestamp(2)", "timestamptz", "time", "timetz"],
            ["2020-01-02", "2020-01-02 03:04:05.678", "abc", "", "2020-13-45", "infinity", "epoch"]),
        (["timestamptz", "timestamptz(1)"], ["2020-01-02 03:04:05+02", "2020-01-02 03:04:05.678 UTC"]),
        (["interval", "interval(2)", "interval day", "interval year to month", "interval second(1)"],
            ["1", "1 day", "abc", "1-2", "3 4:05:06.789"]),
        (["mood", "moody", "other.mood", "mood[]", "moody[]"],
            ["sad", "SAD", "", "blue", "{}", "{sad,ok}", "{sad,NULL}", "{sad,bad}", "{{sad},{ok}}", "{sad"]),
        (["int4[]", "intarr", "posint[]", "text[]", "varchar(2)[]", "numeric(3,1)[]"],
            ["{}", "{1,2}", "{1,NULL}", "{a,b}", "{abc}", "{1,2", "", "{{1},{2}}", "[1:2]={1,2}"]),
        (["json", "jsonb"], ["{}", "{\"a\": 1}", "abc", "", "[1, 2"]),
        (["bytea", "uuid", "inet", "bit(3)", "varbit(2)", "bit"],
            ["", "abc", "101", "\\x41", "1.2.3.4", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
        (["int4range", "numrange", "int4multirange"], ["empty", "[1,2)", "[2,1]", "abc", "{[1,2)}", ""]),
        (["record", "void", "anyelement", "anyarray", "unknown", "cstring", "trigger", "anyenum"], ["abc", ""]),
        (["regclass", "regtype"], ["1234", "-"]),
    ];

    /// <summary>Reads a list of types or expressions, one a line.</summary>
    private static string[] Lines(string list)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(list + ".txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
