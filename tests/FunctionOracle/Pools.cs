using System.Collections.Frozen;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.FunctionOracle;

/// <summary>Texts of values by type, the first <see cref="Ordinary"/> of them ordinary, the others edges.</summary>
internal static class Pools
{
    public const int Ordinary = 6;

    private static readonly FrozenDictionary<uint, string[]> s_pools = new Dictionary<uint, string[]>
    {
        [PgTypes.Bool] = ["t", "f"],
        [PgTypes.Int2] = ["7", "-3", "0", "1", "2", "100", "32767", "-32768", "-1", "255"],
        [PgTypes.Int4] = ["7", "-3", "0", "1", "2", "100", "2147483647", "-2147483648", "-1", "65536", "46341"],
        [PgTypes.Int8] = ["7", "-3", "0", "1", "2", "100", "9223372036854775807", "-9223372036854775808", "-1", "4294967296", "3037000500"],
        [PgTypes.Float4] = ["1.5", "-2.5", "0", "0.1", "3", "100", "3.4e38", "1e-40", "NaN", "Infinity", "-Infinity", "16777216", "-0.5"],
        [PgTypes.Float8] = ["1.5", "-2.5", "0", "0.1", "3", "100", "1.7e308", "1e-310", "NaN", "Infinity", "-Infinity", "9007199254740993", "-0.5"],
        [PgTypes.Numeric] =
        [
            "1.5", "-2.50", "0", "0.1", "3", "100", "12345678901234567890.123456789", "-0.000001", "NaN", "Infinity", "-Infinity", "99999.995", "0.00",
            "-1", "1e20",
        ],
        [PgTypes.Text] = ["abc", "Hello World", "", "xx", "42", "a,b", "äöü€", "日本語テキスト", " x ", "it's", "back\\slash", "ABCabc", "1.5", "\U0001F600!"],
        [PgTypes.VarChar] = ["abc", "Hello World", "", "äöü€", " x ", "ABCabc"],
        [PgTypes.BpChar] = ["abc", "abc   ", "", "äöü", " x ", "ABCabc"],
        [PgTypes.Name] = ["abc", "pg_class", "", "äöü", "ABCabc", "zz"],
        [PgTypes.Char] = ["a", "z", "", "A", "0", "~"],
        [PgTypes.Bytea] = ["\\x616263", "\\x00ff10", "\\x", "\\x61", "\\x80", "\\xc3a4", "\\x0000"],
        [PgTypes.Oid] = ["7", "0", "1", "2147483648", "4294967295", "16384"],
        [PgTypes.Xid] = ["7", "0", "1", "2147483648", "4294967295"],
        [PgTypes.Cid] = ["7", "0", "1", "4294967295"],
        [PgTypes.Xid8] = ["7", "0", "1", "4294967296", "9223372036854775807"],
        [PgTypes.Tid] = ["(0,1)", "(1,0)", "(1,10)", "(1,9)", "(4294967295,65535)"],
        [PgTypes.Uuid] =
        [
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12", "10000000-0000-0000-0000-000000000000",
        ],
        [PgTypes.Date] = ["2024-02-29", "2000-01-01", "1999-12-31", "2024-03-31", "1970-01-01", "0001-01-01", "9999-12-31", "infinity", "-infinity"],
        [PgTypes.Time] = ["12:34:56.789", "00:00:00", "23:59:59.999999", "01:02:03", "24:00:00", "12:00"],
        [PgTypes.TimeTz] = ["12:34:56.789+02", "00:00:00+00", "23:59:59.999999-05:30", "14:34:56.789+04", "24:00:00+00", "12:00-12"],
        [PgTypes.Timestamp] =
        [
            "2024-02-29 12:34:56.789", "2000-01-01 00:00:00", "1999-12-31 23:59:59.999999", "2024-03-31 02:30:00", "1970-01-01 00:00:00",
            "2000-01-01 00:00:00.5", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "infinity", "-infinity",
        ],
        [PgTypes.TimestampTz] =
        [
            "2024-02-29 12:34:56.789+00", "2000-01-01 00:00:00+02", "1999-12-31 23:59:59.999999-08", "2024-03-31 02:30:00+00",
            "1970-01-01 00:00:00+00", "2000-01-01 00:00:00.5+00", "9999-12-31 12:00:00+00", "infinity", "-infinity",
        ],
        [PgTypes.Interval] =
        [
            "1 day", "2 hours 30 minutes", "1 mon", "30 days", "-1 day 02:03:04.5", "1 year 2 mons 3 days 04:05:06.789", "00:00:00", "720 hours",
            "-10 years", "100000 hours",
        ],
        [PgTypes.Bit] = ["1010", "1", "", "11110000", "0000", "10101", "0001"],
        [PgTypes.VarBit] = ["1010", "1", "", "11110000", "0000", "10101", "0001"],
        [PgTypes.Inet] =
        [
            "192.168.1.5", "192.168.1.0/24", "10.0.0.0/8", "::1", "2001:db8::/32", "192.168.1.226/24", "0.0.0.0/0", "255.255.255.255", "fe80::1/64",
            "10.1.2.3",
        ],
        [PgTypes.Cidr] = ["192.168.1.0/24", "10.0.0.0/8", "10.1.2.3/32", "2001:db8::/32", "::1/128", "0.0.0.0/0", "172.16/12"],
        [PgTypes.MacAddr] = ["08:00:2b:01:02:03", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "08-00-2b-01-02-04"],
        [PgTypes.MacAddr8] = ["08:00:2b:01:02:03:04:05", "00:00:00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff:ff:ff", "08:00:2b:ff:fe:01:02:03"],
        [PgTypes.PgLsn] = ["0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF", "1/0", "0/A", "A/1"],
        [PgTypes.Json] = ["{\"a\": 1, \"b\": [1, 2, {\"c\": null}]}", "[1, \"x\", null]", "\"text\"", "1.50", "null", "{}", "{\"a\":1,\"a\":2}", "[]"],
        [PgTypes.Jsonb] = ["{\"a\": 1, \"b\": [1, 2, {\"c\": null}]}", "[1, \"x\", null]", "\"text\"", "1.50", "null", "{}", "{\"a\": 1.0}", "[]", "true"],
        [PgTypes.Int2Vector] = ["1 2 3", "", "7"],
        [PgTypes.OidVector] = ["1 2 3", "", "7", "1 2"],
        [PgTypes.Int4Range] = ["[1,5)", "empty", "(,3]", "[5,)", "(,)", "[2,2]", "[10,20]"],
        [PgTypes.Int8Range] = ["[1,5)", "empty", "(,3]", "[5,)", "(,)", "[2,2]"],
        [PgTypes.NumRange] = ["[1.0,2.5)", "empty", "(,3]", "[1,2.50)", "(,)", "[2,2]", "(2.5,10)"],
        [PgTypes.DateRange] = ["[2024-01-01,2024-02-01)", "empty", "(,2024-01-15]", "[2024-01-10,)", "(,)"],
        [PgTypes.TsRange] = ["[2024-01-01 00:00,2024-01-02 12:00)", "empty", "(,2024-01-15 01:00]", "[2024-01-10 00:00,)", "(,)"],
        [PgTypes.TstzRange] = ["[2024-01-01 00:00+00,2024-01-02 12:00+00)", "empty", "(,2024-01-15 01:00+00]", "(,)"],
        [PgTypes.Int4Multirange] = ["{[1,3),[5,8)}", "{}", "{[2,4)}", "{(,2),[9,)}", "{(,)}"],
        [PgTypes.NumMultirange] = ["{[1.0,2.5),[5,8]}", "{}", "{[2,4)}", "{(,2),[9.5,)}"],
        [PgTypes.TsMultirange] = ["{[2024-01-01 00:00,2024-01-02 00:00)}", "{}", "{(,2024-01-01 12:00)}"],
        [PgTypes.DateMultirange] = ["{[2024-01-01,2024-01-10)}", "{}", "{(,2024-01-05),[2024-02-01,)}"],
        [PgTypes.Int2Array] = ["{1,2,3}", "{}", "{3,NULL,1}"],
        [PgTypes.Int4Array] = ["{1,2,3}", "{}", "{3,NULL,1}", "{{1,2},{3,4}}", "{7}", "{1,2}", "{10,2}"],
        [PgTypes.Int8Array] = ["{1,2,3}", "{}", "{3,NULL,1}", "{9223372036854775807}"],
        [PgTypes.TextArray] = ["{a,b,c}", "{}", "{a,NULL,\"\"}", "{{a,b},{c,d}}", "{abc}", "{\"with space\",\"q\\\"uote\",\"NULL\"}", "{ä}"],
        [PgTypes.NumericArray] = ["{1.50,2,3}", "{}", "{3,NULL,1.0}", "{{1,2},{3,4}}", "{1.5,2.0,3}", "{NaN}", "{10,9}"],
        [PgTypes.BoolArray] = ["{t,f}", "{}", "{t,NULL}", "{f}"],
        [PgTypes.Float4Array] = ["{1.5,0.1}", "{}", "{NaN,NULL,Infinity}"],
        [PgTypes.Float8Array] = ["{1.5,0.1}", "{}", "{NaN,NULL,Infinity}", "{1e300,-0.5}", "{0.25,0.5,0.75}", "{0,1}"],
        [PgTypes.TimestampArray] = ["{\"2024-01-01 00:00:00\",\"2024-01-02 12:00:00\"}", "{}", "{NULL,infinity}"],
        [PgTypes.DateArray] = ["{2024-01-01,2024-01-02}", "{}", "{NULL,infinity}"],
        [PgTypes.IntervalArray] = ["{\"1 mon\",\"2 days\"}", "{}", "{\"30 days\",NULL}", "{\"30 days\",\"48:00:00\"}"],
        [PgTypes.ByteaArray] = ["{\"\\\\x6162\"}", "{}", "{NULL,\"\\\\x\"}"],
        [PgTypes.UuidArray] = ["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "{}"],
        [PgTypes.JsonbArray] = ["{\"{\\\"a\\\": 1}\",\"1.0\"}", "{}", "{\"1\",NULL}"],
        [PgTypes.VarCharArray] = ["{a,b}", "{}", "{NULL,x}"],
        [PgTypes.OidArray] = ["{1,2}", "{}", "{4294967295}"],
        [PgTypes.NameArray] = ["{a,b}", "{}"],
        [PgTypes.JsonArray] = ["{\"{\\\"a\\\": 1}\"}", "{}"],
    }.ToFrozenDictionary();

    /// <summary>Empty for a type that only written cases have.</summary>
    public static string[] Of(uint type) => s_pools.GetValueOrDefault(type, []);
}
