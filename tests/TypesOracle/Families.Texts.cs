using System.Globalization;

namespace Rqlite.Pg.TypesOracle;

internal static partial class Families
{
    private static IEnumerable<OracleCase> Texts(Random random)
    {
        string[] texts = ["", "a", "abc", "abcd", "abc  ", "ab c   ", "      ", "äöü", "äöüß", "日本語日", "a\tb", "x\\y", "it's", "12345678901", "🙂🙂🙂🙂"];
        foreach (var text in texts)
        {
            foreach (var type in new[] { "varchar", "bpchar" })
            {
                foreach (var length in new[] { 1, 3, 5, 10 })
                {
                    yield return new OracleCase($"assign {type}({length})", "", text);
                    yield return new OracleCase($"cast {type}({length})", "", text);
                }
            }

            yield return new OracleCase("parse text", "", text);
            yield return new OracleCase("parse name", "", text);
            yield return new OracleCase("send text", "", text);
        }

        yield return new OracleCase("parse name", "", new string('x', 70));
        yield return new OracleCase("parse name", "", new string('ä', 40));
        foreach (var bits in new[] { "", "0", "1", "101", "00000", "1111111111", "X1F", "xFF0", "b101", "B0", "102", "xG", "abc", " 1",
            "10110011100011110000", "x0123456789abcdef" })
        {
            foreach (var type in new[] { "bit", "varbit" })
            {
                foreach (var length in new[] { 1, 3, 5, 10 })
                {
                    yield return new OracleCase($"assign {type}({length})", "", bits);
                    yield return new OracleCase($"cast {type}({length})", "", bits);
                }
            }

            yield return new OracleCase("parse varbit", "", bits);
            yield return new OracleCase("send varbit", "", bits);
            yield return new OracleCase("compare varbit", "", bits, Pick(random, ["0", "1", "101", ""]));
        }

        string[] bytes =
        [
            "", "abc", "\\x", "\\x00", "\\xDEADbeef", "\\x 0 1", "\\x01 02\n03", "\\x0", "\\xgg", "\\xé0", "\\000", "\\101bc", "a\\\\b", "\\",
            "\\8", "\\400", "a\\12", "é", "\\X00", "\\x123",
        ];
        foreach (var text in bytes)
        {
            yield return new OracleCase("parse bytea", "", text);
            yield return new OracleCase("parse bytea", "bytea_output=escape", text);
            yield return new OracleCase("send bytea", "", text);
            yield return new OracleCase("compare bytea", "", text, Pick(random, bytes));
        }

        foreach (var text in new[]
        {
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}", "", "abc", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111",
            "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11",
            "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        })
        {
            yield return new OracleCase("parse uuid", "", text);
            yield return new OracleCase("send uuid", "", text);
            yield return new OracleCase("compare uuid", "", text, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
        }

        foreach (var text in new[] { "0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF", "G/0", "1/", "/1", "123456789/0", "1", "", " 1/1", "abc/def",
            "00000001/0" })
        {
            yield return new OracleCase("parse pg_lsn", "", text);
            yield return new OracleCase("send pg_lsn", "", text);
            yield return new OracleCase("compare pg_lsn", "", text, "2/0");
        }

        foreach (var text in new[] { "(0,1)", "(4294967295,65535)", "(0,65536)", "(4294967296,1)", "0,1", "(1)", "", "(a,b)", "(-1,1)", "( 1,2)" })
        {
            yield return new OracleCase("parse tid", "", text);
        }

        foreach (var text in new[] { "a", "", "abc", "1" })
        {
            yield return new OracleCase("parse char", "", text);
        }

        foreach (var text in new[] { "", "1", "1 2 3", " 1  2 ", "1 a", "32768", "-1 2", "1,2" })
        {
            yield return new OracleCase("parse int2vector", "", text);
            yield return new OracleCase("parse oidvector", "", text);
        }

        foreach (var oid in new[] { 16, 17, 18, 19, 20, 21, 23, 25, 26, 700, 701, 1042, 1043, 1082, 1083, 1114, 1184, 1186, 1266, 1560, 1562, 1700,
            2950, 3802, 1007, 1015, 1231, 1115, 0, 99999, 2205, 3904, 705, 2249 })
        {
            foreach (var modifier in new[] { "-1", "5", "14", "655366", "0", "3", "327687", "2147418112", "2147418115", "16383", "8191",
                "470286339", "67108867" })
            {
                yield return new OracleCase("format_type", "", oid.ToString(CultureInfo.InvariantCulture), modifier);
            }
        }
    }

    private static IEnumerable<OracleCase> Arrays(Random random)
    {
        string[] texts =
        [
            "{}", "{1}", "{1,2,3}", " { 1 , 2 } ", "{1,NULL,3}", "{null,Null}", "{{1,2},{3,4}}", "{{1},{2},{3}}", "{{1,2},{3}}", "{{1},2}",
            "{1,{2}}", "{1,}", "{,1}", "{1,,2}", "{", "}",
            "", "1", "{1}x", "{1} ", "{1}}", "{{1}", "{{}}", "{{},{}}", "[1:2]={1,2}", "[1:3]={1,2}", "[2]={1,2}", "[0:1]={1,2}",
            "[1:1][1:2]={{1,2}}", "[1:2={1,2}", "[1:2]{1,2}", "[2:1]={1}", "[a:b]={1}",
            "{{{{{{1}}}}}}", "{{{{{{{1}}}}}}}", "{\"1\",\"2\"}", "{\"1\" ,2}", "{\"1\"2}", "{1\"2\"}", "{\\1}", "{\"1", "{1\\", "{1 2}", "{abc}",
            "{1;2}", "{ {1} , {2} }", "{{1 } ,{ 2}}", "{99999999999}", "[1:]={1}",
            "{\"null\"}", "{1,2,3,4,5,6,7,8,9,10}",
        ];
        foreach (var text in texts)
        {
            foreach (var type in new[] { "int4[]", "text[]", "numeric[]", "int8[]" })
            {
                yield return new OracleCase("parse " + type, "", text);
            }

            yield return new OracleCase("send int4[]", "", text);
            yield return new OracleCase("send text[]", "", text);
        }

        foreach (var text in new[]
        {
            "{a,b}", "{\"a b\",c}", "{a b,c}", "{\"a,b\",\"c{d}\"}", "{\"\"}", "{\"\\\"\",\"\\\\\"}", "{a\\,b}", "{\\N\\U\\L\\L}", "{NULLx}",
            "{null}", "{\"NULL\"}", "{a\tb}", "{ü,日本}", "{'a'}", "{a\\ }", "{  a  b  }",
        })
        {
            yield return new OracleCase("parse text[]", "", text);
            yield return new OracleCase("send text[]", "", text);
            yield return new OracleCase("parse varchar[]", "", text);
        }

        foreach (var (type, text) in new[]
        {
            ("numeric[]", "{1.10,2,NaN,NULL,-Infinity}"), ("float8[]", "{1,1.5,NaN,Infinity,-0,1e300,0.1}"), ("bool[]", "{t,f,true,NULL,0}"),
            ("bool[]", "{x}"), ("date[]", "{2024-01-01,infinity,NULL}"),
            ("timestamp[]", "{\"2024-01-01 12:00\",2024-02-30}"), ("timestamp[]", "{\"2024-01-01 12:00:00.5\",infinity}"), ("interval[]",
            "{\"1 day\",\"1 mon -1 day\",01:00}"), ("bytea[]", "{\"\\\\x0102\",abc,\"\\\\x\"}"),
            ("uuid[]", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}"), ("jsonb[]", "{\"{\\\"a\\\": 1}\",1,null,\"[1,2]\"}"), ("time[]",
            "{12:00,24:00}"), ("int8[]", "{9223372036854775807,-9223372036854775808}"),
        })
        {
            yield return new OracleCase("parse " + type, "", text);
            yield return new OracleCase("send " + type, "", text);
        }

        string[] ordered = ["{}", "{1}", "{1,2}", "{2}", "{NULL}", "{1,NULL}", "{{1,2}}", "{{1},{2}}", "{1,2,3}", "{10}", "{-1}"];
        foreach (var left in ordered)
        {
            foreach (var right in ordered)
            {
                yield return new OracleCase("compare int4[]", "", left, right);
                yield return new OracleCase("compare numeric[]", "", left, right.Replace("1", "1.0", StringComparison.Ordinal));
                yield return new OracleCase("compare text[]", "", left, right);
            }
        }

        for (var i = 0; i < 300; i++)
        {
            var items = Enumerable.Range(0, random.Next(1, 8)).Select(_ => RandomElement(random));
            yield return new OracleCase("parse text[]", "", "{" + string.Join(',', items) + "}");
        }
    }

    private static string RandomElement(Random random)
    {
        var length = random.Next(0, 6);
        var text = new char[length];
        for (var i = 0; i < length; i++)
        {
            text[i] = "ab \"\\{},NULLnull\tü"[random.Next(18)];
        }

        return random.Next(2) == 0 ? new string(text) : "\"" + new string(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"",
            "\\\"", StringComparison.Ordinal) + "\"";
    }

    private static IEnumerable<OracleCase> Json(Random random)
    {
        string[] texts =
        [
            "null", "true", "false", "1", "-1", "1.0", "1.50", "1e2", "1E-2", "-0", "0.0", "\"a\"", "\"\"", "[]", "{}", "[1,2]", " [ 1 , 2 ] ",
            "{\"a\":1}", "{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":2}", "{\"aa\":1,\"b\":2,\"c\":3}",
            "[[],{},null]", "\"\\u0041\"", "\"\\u00e9\"", "\"\\ud83d\\ude42\"", "\"\\ud83d\"", "\"\\ude42\"", "\"\\ud83d\\ud83d\"", "\"\\u0000\"",
            "\"\\n\\t\\b\\f\\r\\\"\\\\\\/\"", "\"\\x\"", "\"\\u12\"", "\"a\tb\"", "\"\\u0001\"", "\"é日本\"",
            "", " ", "a", "tru", "nul", "truex", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
            "{a:1}", "{1:2}", "{\"a\" 1}", "{,}", "1 2", "[1]]", "\"abc", "\"abc\\", "01", "1.", ".5", "-", "-a", "1e", "1e+",
            "+1", "1x", "'a'", "NaN", "Infinity", "{}{}", "é", "@", "[@]", "{\"a\":{\"b\":{\"c\":[1,{\"d\":null}]}}}",
            "123456789012345678901234567890.123456789", "1e400", "1e131073", "[1.10,1.1]", "{\"\":1}", "[\"a\",\"b\"", "[true,false,null]", "\n[1]\n",
        ];
        foreach (var text in texts)
        {
            yield return new OracleCase("parse json", "", text);
            yield return new OracleCase("parse jsonb", "", text);
            yield return new OracleCase("send jsonb", "", text);
        }

        string[] ordered =
        [
            "null", "true", "false", "1", "1.0", "2", "-5", "\"a\"", "\"b\"", "\"ab\"", "\"\"", "[]", "[1]", "[1,2]", "[2]", "[null]", "{}",
            "{\"a\":1}", "{\"a\":2}", "{\"b\":1}", "{\"aa\":1}", "{\"a\":1,\"b\":2}", "[[]]", "[{}]", "[\"a\"]", "[[],1]",
        ];
        foreach (var left in ordered)
        {
            foreach (var right in ordered)
            {
                yield return new OracleCase("compare jsonb", "", left, right);
            }
        }

        for (var i = 0; i < 300; i++)
        {
            var text = RandomJson(random, 0);
            yield return new OracleCase("parse jsonb", "", text);
            var at = random.Next(text.Length);
            yield return new OracleCase("parse jsonb", "", random.Next(2) == 0 ? text.Remove(at, 1) : text.Insert(at, Pick(random, ["}", "]", ",",
                "\"", "x", "1", "\\"])));
        }
    }

    /// <summary>The number without leading zeros, which JSON does not take.</summary>
    private static string JsonNumber(string number) =>
        number.TrimStart('0') is { Length: > 0 } text && (char.IsAsciiDigit(text[0]) || text[0] == '-')
            && !text.StartsWith("-0", StringComparison.Ordinal) ? text : "7";

    private static string RandomJson(Random random, int depth) => random.Next(depth > 3 ? 5 : 8) switch
    {
        0 => Pick(random, ["null", "true", "false"]),
        1 or 2 => JsonNumber(Small(random)),
        3 or 4 => "\"" + Pick(random, ["a", "b c", "ü", "\\n", "\\u0041", ""]) + "\"",
        5 or 6 => "[" + string.Join(", ", Enumerable.Range(0, random.Next(4)).Select(_ => RandomJson(random, depth + 1))) + "]",
        _ => "{" + string.Join(",", Enumerable.Range(0,
            random.Next(4)).Select(_ => $"\"{Pick(random, ["a", "b", "aa", "ab", ""])}\" : {RandomJson(random, depth + 1)}")) + "}",
    };

    private static IEnumerable<OracleCase> Network(Random random)
    {
        string[] texts =
        [
            "192.168.1.5", "192.168.1.5/24", "192.168.1.0/24", "10", "10.1", "10.1.2", "10/8", "10.1/16", "192.168/16", "224", "224.1", "240.0.0.0",
            "0.0.0.0/0", "255.255.255.255/32", "256.1.1.1", "1.2.3.4.5", "1.2.3", "1.2.3.4/33", "1.2.3.4/",
            "1.2.3.4/-1", "1..2", "", "abc", "::", "::1", "::/0", "fe80::1", "FE80::1/64", "2001:db8::/32", "2001:db8:0:0:1:0:0:1",
            "::ffff:1.2.3.4", "::1.2.3.4", "::ffff:0:0/96", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1::2::3", "12345::", "::1/129",
            "fe80::1%eth0", "[::1]", "1:2:3:4:5:6:1.2.3.4", "2001:db8::1/128", "1:0:0:2::", "0:0:0:0:0:0:0:2", "::2:3", "192.168.1.5 ",
            " 192.168.1.5", "128.1", "192.1", "1.2.3.4/08", "::ffff:1.2.3.4/120", "1:0:0:0:2:0:0:0",
        ];
        foreach (var text in texts)
        {
            foreach (var type in new[] { "inet", "cidr" })
            {
                yield return new OracleCase("parse " + type, "", text);
                yield return new OracleCase("send " + type, "", text);
            }

            for (var i = 0; i < 4; i++)
            {
                yield return new OracleCase("compare inet", "", text, Pick(random, texts));
            }
        }

        foreach (var text in new[]
        {
            "08:00:2b:01:02:03", "08-00-2b-01-02-03", "08002b:010203", "08002b-010203", "0800.2b01.0203", "0800-2b01-0203", "08002b010203",
            "8:0:2b:1:2:3", "08:00:2b:01:02", "08:00:2b:01:02:03:04:05", "08:00:2b:01:02:0g", "", "abc", "08002b0102030405",
            "08002b:0102030405", "0800.2b01.0203.0405", "0800:2b01:0203:0405", " 08:00:2b:01:02:03 ", "08:00:2B:01:02:03", "08:00-2b:01:02:03",
            "08002b01020", "0800:2b01:0203", "08002b.010203",
        })
        {
            yield return new OracleCase("parse macaddr", "", text);
            yield return new OracleCase("parse macaddr8", "", text);
            yield return new OracleCase("send macaddr", "", text);
            yield return new OracleCase("compare macaddr", "", text, "08:00:2b:01:02:03");
        }
    }

    private static IEnumerable<OracleCase> Ranges(Random random)
    {
        string[] texts =
        [
            "empty", " EMPTY ", "emptyx", "[1,5]", "[1,5)", "(1,5)", "(1,5]", "[1,1]", "[1,1)", "(1,1]", "(1,2)", "[5,1]", "[,5]", "(,5)", "[1,]",
            "(1,)", "(,)", "[,]", "[1,5", "1,5]", "[1]", "[1,2,3]", "[1,5]x", " [1,5] ", "[ 1, 5]", "[\"1\",\"5\"]", "[a,b]", "",
            "[1\\,5]", "[2147483647,2147483647]", "(2147483647,)", "[\"\",5]", "[-5,-1]",
        ];
        foreach (var text in texts)
        {
            foreach (var type in new[] { "int4range", "int8range", "numrange" })
            {
                yield return new OracleCase("parse " + type, "", text);
                yield return new OracleCase("send " + type, "", text);
                yield return new OracleCase("compare " + type, "", text, Pick(random, texts));
                yield return new OracleCase("compare " + type, "", text, Pick(random, texts));
            }
        }

        foreach (var text in new[] { "[2024-01-01,2024-02-01]", "(2024-01-01,2024-01-02)", "[2024-01-01,infinity]", "[2024-01-01,infinity)",
            "(-infinity,2024-01-01]", "[,2024-01-01]", "[2024-02-30,]", "[\"Jan 1 2024\",]", "empty" })
        {
            yield return new OracleCase("parse daterange", "", text);
            yield return new OracleCase("parse daterange", "DateStyle=SQL, DMY", text);
            yield return new OracleCase("parse tsrange", "", text);
            yield return new OracleCase("parse tstzrange", "TimeZone=Europe/Berlin", text);
            yield return new OracleCase("send daterange", "", text);
            yield return new OracleCase("send tsrange", "", text);
        }

        string[] multiranges =
        [
            "{}", "{ }", "{[1,3)}", "{[1,3),[5,7)}", "{[5,7),[1,3)}", "{[1,3),[3,5)}", "{[1,4),[2,6)}", "{empty}", "{empty,[1,2)}",
            "{[1,10),[2,3)}", "{(,3),[5,)}", "{[1,3)", "[1,3)", "{[1,3),}", "{,[1,3)}", "{[1,3)x}", "{[1,3)}x", "{1}", "", "{[1,3) , [9,10) }",
            "{(,)}", "{[1,2],[4,5]}", "{(1,2),(2,3)}",
        ];
        foreach (var text in multiranges)
        {
            yield return new OracleCase("parse int4multirange", "", text);
            yield return new OracleCase("parse nummultirange", "", text);
            yield return new OracleCase("send int4multirange", "", text);
            yield return new OracleCase("compare int4multirange", "", text, Pick(random, multiranges));
        }
    }
}
